package dev.kvasir.runtime.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.runtime.device.HostWeight;
import dev.kvasir.runtime.device.Linear;
import dev.kvasir.runtime.engine.StartupException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sizes and contents that a format cannot have, and the edges of those that it can. */
class StoredFormTest {
  @TempDir Path directory;
  private final Arena arena = Arena.ofConfined();
  private final List<String> header = new ArrayList<>();
  private final ByteBuffer data = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

  @AfterEach
  void close() {
    arena.close();
  }

  @Test
  void sizesThatDoNotPackAreNamed() throws IOException {
    floats("x", 1, 1);
    assertRefused(new AwqForm(32), 12, 64, "'l' has 64 inputs and 12 outputs; AWQ wants");
    assertRefused(new GptqForm(4, 32, 1), 16, 36, "GPTQ with 4 bits wants multiples of 8");
    assertRefused(new GptqForm(8, 32, 1), 18, 32, "GPTQ with 8 bits wants multiples of 4");
  }

  @Test
  void groupsOfUnequalSizesAreNamed() throws IOException {
    gptq(8, 16, new int[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1});
    assertRefused(new GptqForm(4, 8, 1), 8, 16, "'l.g_idx': group 0 has more than its 8 inputs");
  }

  @Test
  void aGroupThatIsNotThereIsNamed() throws IOException {
    gptq(8, 16, new int[] {0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 1, 1, 1, 1, 1, 1});
    assertRefused(new GptqForm(4, 8, 1), 8, 16, "input 8 is in group 2");
  }

  @Test
  void inputsAreSortedByTheirGroups() throws IOException {
    gptq(8, 16, new int[] {0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1});

    Linear read = new GptqForm(4, 8, 1).read(open(), "l", 8, 16, arena);

    int[] order = {0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15};
    assertArrayEquals(order, read.inputPermutation().orElseThrow());
    HostWeight.Int4 weight = (HostWeight.Int4) read.weight();
    for (int j = 0; j < 16; j++) {
      int pair = weight.data().get(ValueLayout.JAVA_BYTE, j / 2);
      int nibble = (pair >> (4 * (j % 2))) & 15;
      assertEquals(order[j], nibble, "column " + j);
    }
    // The first version stores one less than a zero, and 15 does not wrap around.
    assertEquals(16, weight.zeros().get(ValueLayout.JAVA_BYTE, 0));
  }

  @Test
  void aPlaceholderOrderIsNone() throws IOException {
    gptq(8, 16, new int[16]);
    Linear read = new GptqForm(4, 8, 1).read(open(), "l", 8, 16, arena);
    assertTrue(read.inputPermutation().isEmpty());
  }

  @Test
  void scalesThatFitNoScalingAreNamed() throws IOException {
    tensor("l.weight", "F8_E4M3", "4,8", new byte[32]);
    floats("l.weight_scale", 3, 1);
    assertRefused(
        new Float8Form(0, 0, Float8Form.Activations.PER_TOKEN),
        4,
        8,
        "'l.weight_scale' has shape [3, 1], which fits no scaling of a 4 x 8 matrix");
  }

  @Test
  void aStaticActivationScaleMustBePositive() throws IOException {
    tensor("l.weight", "F8_E4M3", "4,8", new byte[32]);
    floats("l.weight_scale", 1, 1);
    floats("l.input_scale", 1, 1);
    assertRefused(
        new Float8Form(0, 0, Float8Form.Activations.STATIC),
        4,
        8,
        "'l.input_scale' must hold one positive number, got [0.0]");
  }

  @Test
  void aShapeThatContradictsTheConfigIsNamed() throws IOException {
    tensor("l.weight_shape", "I64", "2", ints(8, 0, 24, 0));
    assertRefused(new PackedIntForm(4, new IntScaling(false, 0, true)), 8, 16, "says [8, 24]");
  }

  @Test
  void columnsNeedNotFillAWord() throws IOException {
    tensor("l.weight_shape", "I32", "2", ints(1, 5));
    tensor("l.weight_packed", "I32", "1,1", ints(0x87654321));
    floats("l.weight_scale", 1, 2);

    HostWeight.Int4 weight =
        (HostWeight.Int4)
            new PackedIntForm(4, new IntScaling(false, 3, true))
                .read(open(), "l", 1, 5, arena)
                .weight();

    assertEquals(3, weight.data().byteSize());
    assertEquals(2, weight.groups());
    assertEquals(0x43, weight.data().get(ValueLayout.JAVA_BYTE, 1));
  }

  private void gptq(int rows, int columns, int[] groups) {
    int[] words = new int[columns / 8 * rows];
    for (int i = 0; i < words.length; i++) {
      words[i] = i / rows == 0 ? 0x76543210 : 0xFEDCBA98;
    }
    tensor("l.qweight", "I32", columns / 8 + "," + rows, ints(words));
    tensor("l.qzeros", "I32", "2," + rows / 8, ints(-1, -1));
    floats("l.scales", 2, rows);
    tensor("l.g_idx", "I32", String.valueOf(columns), ints(groups));
  }

  private void floats(String name, int rows, int columns) {
    tensor(name, "F32", rows + "," + columns, new byte[4 * rows * columns]);
  }

  private static byte[] ints(int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : values) {
      bytes.putInt(value);
    }
    return bytes.array();
  }

  private void tensor(String name, String dtype, String shape, byte[] bytes) {
    int begin = data.position();
    data.put(bytes);
    header.add(
        "\"%s\":{\"dtype\":\"%s\",\"shape\":[%s],\"data_offsets\":[%d,%d]}"
            .formatted(name, dtype, shape, begin, data.position()));
  }

  private Tensors open() throws IOException {
    byte[] json = ("{" + String.join(",", header) + "}").getBytes(StandardCharsets.UTF_8);
    ByteBuffer file =
        ByteBuffer.allocate(8 + json.length + data.position()).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(json.length).put(json).put(data.array(), 0, data.position());
    Files.write(directory.resolve("model.safetensors"), file.array());
    return Tensors.open(directory, arena);
  }

  private void assertRefused(StoredForm form, int rows, int columns, String message)
      throws IOException {
    Tensors tensors = open();
    StartupException refusal =
        assertThrows(StartupException.class, () -> form.read(tensors, "l", rows, columns, arena));
    assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
  }
}
