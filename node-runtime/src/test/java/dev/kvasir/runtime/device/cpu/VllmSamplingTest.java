package dev.kvasir.runtime.device.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvasir.runtime.scheduler.SampledRows;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Penalties as vLLM computes them, min-p, top-k and top-p as transformers does: reference.py. */
class VllmSamplingTest {
  private static final Path REFERENCE = Path.of("src/test/resources/sampling/reference.json");

  static List<JsonNode> cases() throws IOException {
    JsonNode cases = new ObjectMapper().readTree(REFERENCE.toFile());
    return StreamSupport.stream(cases.spliterator(), false).toList();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void penaltiesAndTruncationAreTheirs(JsonNode wanted) {
    float[] logits = floats(wanted.get("logits"));
    SampledRows rows = rows(wanted);
    LogitAdjuster adjuster = new LogitAdjuster();
    adjuster.begin(rows);

    adjuster.adjust(rows, 0, logits);

    float[] penalized = floats(wanted.get("penalized"));
    for (int id = 0; id < logits.length; id++) {
      assertEquals(penalized[id], logits[id], 1e-5 * Math.abs(logits[id]) + 1e-6, "token " + id);
    }
    assertEquals(wanted.get("kept").toString(), kept(logits, wanted));
  }

  private static SampledRows rows(JsonNode wanted) {
    SampledRows rows = SampledRows.greedy(0);
    rows.repetitionPenalties()[0] = wanted.get("repetition").floatValue();
    rows.presencePenalties()[0] = wanted.get("presence").floatValue();
    rows.frequencyPenalties()[0] = wanted.get("frequency").floatValue();
    int[] prompt = ids(wanted.get("prompt"));
    rows.promptLengths()[0] = prompt.length;
    rows.histories()[0] =
        IntStream.concat(IntStream.of(prompt), IntStream.of(ids(wanted.get("output")))).toArray();
    return rows;
  }

  private static String kept(float[] logits, JsonNode wanted) {
    TokenSampler sampler = new TokenSampler(logits, 0, logits.length);
    TokenCutoff kept = new TokenCutoff();
    sampler.keep(
        kept,
        sampler.bestAllowed(),
        wanted.get("temperature").floatValue(),
        wanted.get("top_k").intValue(),
        wanted.get("top_p").doubleValue(),
        wanted.get("min_p").doubleValue());
    return IntStream.range(0, logits.length)
        .filter(kept::contains)
        .boxed()
        .toList()
        .toString()
        .replace(" ", "");
  }

  private static float[] floats(JsonNode list) {
    float[] values = new float[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = list.get(i).floatValue();
    }
    return values;
  }

  private static int[] ids(JsonNode list) {
    return IntStream.range(0, list.size()).map(i -> list.get(i).intValue()).toArray();
  }
}
