package dev.kvasir.runtime.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.runtime.engine.StartupException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
  private static final String GOOD =
      "{\"__metadata__\":{\"format\":\"pt\"},"
          + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]},"
          + "\"a\":{\"dtype\":\"BF16\",\"shape\":[1,2],\"data_offsets\":[0,4]}}   ";

  @TempDir Path directory;

  @Test
  void tensorsAreViewsOfTheFile() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      byte[] data = new byte[12];
      ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).putFloat(8, 2.5f);

      Safetensors.Tensor b = Safetensors.open(write(GOOD, data), arena).tensors().get("b");

      assertArrayEquals(new long[] {2}, b.shape());
      assertEquals("F32", b.dtype());
      assertEquals(2.5f, b.data().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "[1,2]; does not start with '{'",
        "{\"a\":5}; tensor 'a' is not an object",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3]}}; data_offsets are not two numbers",
        "{\"a\":{\"shape\":[3],\"data_offsets\":[0,12]}}; dtype is missing",
        "{\"a\":{\"dtype\":\"F31\",\"shape\":[3],\"data_offsets\":[0,12]}}; unknown dtype 'F31'",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-3],\"data_offsets\":[0,12]}}; shape holds something",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,12]}}; shape holds something",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,12]}}; shape holds",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,12]}}; too large",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,16]}}; outside the file's 12 bytes",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[12,0]}}; outside the file's 12 bytes",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,12]}}; hold 12 bytes, its dtype and shape take 8",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}; starts at byte 4",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}; end at byte 8 of the data, the file at 12",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}; starts at byte 4",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12],\"x\":1}}; unknown field 'x'",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]},\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]}}; Duplicate field",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]}} x; JSON",
        "{\"a\":{\"dtype\":\"F32\"; JSON",
      })
  void aWrongHeaderIsRefusedWithItsFileAndField(String header, String message) throws IOException {
    Path file = write(header, new byte[12]);

    StartupException refusal = assertThrows(StartupException.class, () -> open(file));

    assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
    assertTrue(refusal.getMessage().startsWith(file.toString()), refusal.getMessage());
  }

  @ParameterizedTest
  @CsvSource({"-1", "0", "1", "100000001", "9223372036854775807", "1000"})
  void aWrongHeaderLengthIsRefused(long length) throws IOException {
    byte[] bytes = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array();
    Path file = Files.write(directory.resolve("x.safetensors"), bytes);

    StartupException refusal = assertThrows(StartupException.class, () -> open(file));

    assertTrue(refusal.getMessage().contains("header length"), refusal.getMessage());
  }

  @Test
  void damagedFilesAreReadOrRefusedButNeverCrash() throws IOException {
    SplittableRandom random = new SplittableRandom(4);
    byte[] good = Files.readAllBytes(write(GOOD, new byte[12]));
    int refused = 0;
    for (int i = 0; i < 3_000; i++) {
      byte[] damaged = good.clone();
      for (int n = random.nextInt(1, 4); n > 0; n--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      int length = random.nextInt(3) == 0 ? random.nextInt(damaged.length) : damaged.length;
      Path file = directory.resolve("fuzz.safetensors");
      Files.write(file, java.util.Arrays.copyOf(damaged, length));
      try {
        open(file);
      } catch (StartupException e) {
        refused++;
      }
    }
    assertTrue(refused > 2_000, refused + " of 3000 damaged files were refused");
  }

  private static void open(Path file) {
    try (Arena arena = Arena.ofConfined()) {
      Safetensors.open(file, arena);
    }
  }

  private Path write(String header, byte[] data) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json).put(data);
    return Files.write(directory.resolve("x.safetensors"), bytes.array());
  }
}
