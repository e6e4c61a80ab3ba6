package dev.kvasir.runtime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchCommandTest {
  @TempDir private Path folder;

  private record Result(int code, String err) {}

  private Result bench(String line) throws Exception {
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 64,
         "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 4,
         "num_key_value_heads": 2, "vocab_size": 320, "max_position_embeddings": 128,
         "rms_norm_eps": 1e-5, "tie_word_embeddings": false, "torch_dtype": "bfloat16"}
        """);
    List<String> words = new ArrayList<>(List.of("bench", "--model", folder.toString()));
    words.addAll(List.of("--load-format", "dummy", "--kv-cache-memory-bytes", "1000000"));
    words.addAll(List.of(line.strip().split(" +")));
    StringWriter err = new StringWriter();
    int code = NodeRuntimeCommand.run(new PrintWriter(err, true), words.toArray(String[]::new));
    return new Result(code, err.toString());
  }

  @Test
  void kernelsNeedAGpuAndNoModel() {
    assumeFalse(Files.exists(Path.of("/dev/nvidia0")), "would measure this machine's GPU");
    StringWriter err = new StringWriter();

    int code = NodeRuntimeCommand.run(new PrintWriter(err, true), "bench", "--kernels");

    assertEquals(1, code);
    assertTrue(err.toString().contains("no NVIDIA driver was found"), err.toString());
  }

  @Test
  void theReportHoldsEveryConcurrencyAndWhatItWasMeasuredOn() throws Exception {
    Path file = folder.resolve("report.json");
    Result result =
        bench("--input-len 20 --output-len 5 --num-prompts 3 --concurrency 1,2 --json " + file);

    assertEquals(0, result.code(), result.err());
    JsonNode report = new ObjectMapper().readTree(file.toFile());
    assertEquals("LlamaForCausalLM", report.at("/model/architecture").asText());
    long embedding = 2L * 320 * 64;
    long weights = report.at("/model/weightBytes").asLong();
    assertEquals(weights - embedding, report.at("/model/weightBytesPerStep").asLong());
    assertTrue(report.at("/machine/processors").asInt() > 0);
    assertTrue(report.at("/startUpSeconds").asDouble() > 0);
    assertEquals(2, report.at("/results").size());
    assertEquals(3, report.at("/results/0/requests").asInt());
    assertEquals(4, report.at("/results/1/requests").asInt(), "whole waves of two");
    for (JsonNode row : report.at("/results")) {
      assertTrue(row.at("/promptTokensPerSecond").asDouble() > 0, row.toString());
      assertTrue(row.at("/decodeTokensPerSecond").asDouble() > 0, row.toString());
      double p50 = row.at("/interTokenMillis/p50").asDouble();
      assertTrue(p50 > 0 && p50 <= row.at("/interTokenMillis/p99").asDouble(), row.toString());
    }
    assertTrue(result.err().contains("concurrency 2: wave 2 of 2"), result.err());
  }

  @Test
  void oneOutputTokenMeasuresPromptsOnly() throws Exception {
    Path file = folder.resolve("report.json");
    Result result =
        bench("--input-len 20 --output-len 1 --concurrency 1 --warmup 0 --json " + file);

    assertEquals(0, result.code(), result.err());
    JsonNode row = new ObjectMapper().readTree(file.toFile()).at("/results/0");
    assertTrue(row.at("/decodeTokensPerSecond").isNull(), row.toString());
    assertTrue(row.at("/promptTokensPerSecond").asDouble() > 0, row.toString());
    assertFalse(result.err().contains("warm-up"), result.err());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--input-len 0                  | 2 | --input-len must be at least 1, got 0",
        "--output-len 0                 | 2 | --output-len must be at least 1, got 0",
        "--num-prompts 0                | 2 | --num-prompts must be between 1 and 100000, got 0",
        "--warmup -1                    | 2 | --warmup must be between 0 and 1000, got -1",
        "--concurrency 1,0              | 2 | --concurrency 0: must be between 1 and 256",
        "--concurrency 9 --max-num-seqs 8 | 2 | --concurrency 9: must be between 1 and 8",
        "--json /does/not/exist/x.json  | 2 | --json /does/not/exist/x.json",
        "--input-len 200                | 1 | a request was refused",
      })
  void whatCannotBeMeasuredIsRefusedInOneLine(String line, int code, String message)
      throws Exception {
    Result result = bench(line);

    assertEquals(code, result.code(), result.err());
    assertTrue(result.err().contains(message), result.err());
  }
}
