package dev.kvasir.runtime.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.runtime.device.KvScale;
import dev.kvasir.runtime.device.KvType;
import dev.kvasir.runtime.engine.EngineOptions;
import dev.kvasir.runtime.engine.StartupException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KvScalesTest {
  private static final Path TIED = Path.of("src/test/resources/checkpoints/llama-tied");

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "k_scale, v_scale",
    "k_proj.k_scale, v_proj.v_scale",
    "attn.k_scale, attn.v_scale",
    "qkv_proj.k_scale, qkv_proj.v_scale",
    "k_proj.output_scale, v_proj.output_scale"
  })
  void everySpellingIsRead(String key, String value) throws IOException {
    write(List.of("1.self_attn." + key, "1.self_attn." + value), 0.5f, 3);

    assertEquals(List.of(KvScale.ONE, new KvScale(0.5f, 3)), read());
  }

  @Test
  void oneScaleMayServeBoth() throws IOException {
    write(List.of("0.self_attn.kv_scale"), 0.25f);

    assertEquals(List.of(new KvScale(0.25f, 0.25f), KvScale.ONE), read());
  }

  @Test
  void aScaleThatIsNoneIsRefusedByName() throws IOException {
    write(List.of("0.self_attn.k_scale"), -1);

    StartupException refusal = assertThrows(StartupException.class, this::read);

    assertTrue(
        refusal.getMessage().contains("'model.layers.0.self_attn.k_scale' is -1.0"),
        refusal.getMessage());
  }

  private List<KvScale> read() {
    try (ModelSource source = ModelSource.open(EngineOptions.defaults(directory))) {
      return source.kvScales(KvType.FP8);
    }
  }

  /** The tied checkpoint with float32 tensors of one element added. */
  private void write(List<String> names, float... values) throws IOException {
    Files.copy(TIED.resolve("config.json"), directory.resolve("config.json"));
    ByteBuffer file =
        ByteBuffer.wrap(Files.readAllBytes(TIED.resolve("model.safetensors")))
            .order(ByteOrder.LITTLE_ENDIAN);
    int headerLength = (int) file.getLong(0);
    int dataLength = file.capacity() - 8 - headerLength;
    String header = new String(file.array(), 8, headerLength, StandardCharsets.UTF_8).strip();
    StringBuilder longer = new StringBuilder(header.substring(0, header.length() - 1));
    for (int i = 0; i < values.length; i++) {
      int at = dataLength + 4 * i;
      longer.append(
          ",\"model.layers.%s\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[%d,%d]}"
              .formatted(names.get(i), at, at + 4));
    }
    byte[] newHeader = longer.append('}').toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer out =
        ByteBuffer.allocate(8 + newHeader.length + dataLength + 4 * values.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    out.putLong(newHeader.length).put(newHeader).put(file.array(), 8 + headerLength, dataLength);
    for (float value : values) {
      out.putFloat(value);
    }
    Files.write(directory.resolve("model.safetensors"), out.array());
  }
}
