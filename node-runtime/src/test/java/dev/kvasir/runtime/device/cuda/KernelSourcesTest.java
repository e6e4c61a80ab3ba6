package dev.kvasir.runtime.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds the kernels' sources against their Java halves. */
class KernelSourcesTest {
  private static final Path SOURCES = Path.of("src/main/cuda");

  private static final List<KernelSignature> SIGNATURES =
      List.of(
          AddRmsNorm.BF16,
          AddRmsNorm.QUANTIZED,
          Copy.SIGNATURE,
          GatherTiles.SIGNATURE,
          MoveColumns.PERMUTE,
          MoveColumns.PLACE,
          QuantizeRows.SIGNATURE,
          Softcap.SIGNATURE,
          ToBf16.SIGNATURE,
          FetchStep.SIGNATURE,
          KeepDrawn.SIGNATURE,
          GateUpAct.BF16,
          GateUpAct.QUANTIZED,
          GatherRows.SIGNATURE,
          LinearBf16.SIGNATURE,
          LinearFp8.SIGNATURE,
          LinearInt4.SIGNATURE,
          LinearInt8.SIGNATURE,
          PagedDecodeAttention.SIGNATURE,
          PagedPrefillAttention.SIGNATURE,
          RepackInt4.DATA,
          RepackInt4.GROUPS,
          RepackRows.SIGNATURE,
          RopeKvWrite.SIGNATURE,
          Sample.COUNT,
          Sample.SIGNATURE);

  private static final Pattern KERNEL =
      Pattern.compile(
          "__global__\\s+void\\s+__launch_bounds__\\s*\\((?:[^()]|\\([^()]*\\))*\\)\\s*([\\w#]+)\\s*\\(([^)]*)\\)");

  private record Declared(String file, String name, List<KernelSignature.Parameter> parameters) {}

  @Test
  void everyKernelTakesWhatItsJavaHalfPasses() throws IOException {
    Set<KernelSignature> used = new HashSet<>();
    for (Declared kernel : declared()) {
      KernelSignature signature = signatureOf(kernel);
      assertEquals(signature.file(), kernel.file(), kernel.name());
      assertEquals(
          signature.parameters(), kernel.parameters(), kernel.file() + ": " + kernel.name());
      used.add(signature);
    }
    assertEquals(Set.copyOf(SIGNATURES), used, "signatures without a kernel");
  }

  @Test
  void onlyKernelsThatWaitStartEarly() throws IOException {
    for (KernelSignature signature : SIGNATURES) {
      String source = source(signature.file());
      boolean waits = source.contains("await_previous()") || source.contains("\"linear.cuh\"");
      assertEquals(waits, signature.early(), signature.file());
    }
  }

  @Test
  void everyPlanHasAKernel() throws IOException {
    Set<String> kernels = linearKernels();
    for (boolean wgmma : new boolean[] {false, true}) {
      LinearPlan.Chip chip = new LinearPlan.Chip(132, wgmma);
      for (int rows : new int[] {1, 8, 9, 16, 17, 32, 33, 64, 65, 300, 5000}) {
        for (int outputs : new int[] {8, 64, 1024, 4096, 6144, 28672, 151936}) {
          for (int columns : new int[] {64, 896, 4096, 14336}) {
            planned(rows, outputs, columns, chip)
                .forEach(
                    name -> assertTrue(kernels.contains(name), name + " of " + rows + " rows"));
          }
        }
      }
    }
  }

  private static Stream<String> planned(int rows, int outputs, int columns, LinearPlan.Chip chip) {
    LinearPlan bf16 = LinearPlan.choose(LinearBf16.FORMAT, rows, outputs, columns, chip);
    LinearPlan int8 = LinearPlan.choose(LinearInt8.FORMAT, rows, outputs, columns, chip);
    LinearPlan fp8 = LinearPlan.choose(LinearFp8.FORMAT, rows, outputs, columns, chip);
    LinearPlan int4 = LinearPlan.choose(LinearInt4.FORMAT, rows, outputs, columns, chip);
    return Stream.of(
        "linear_bf16_" + bf16.variant(""),
        "linear_int8_" + int8.variant(""),
        "linear_fp8_" + fp8.variant("rows_"),
        "linear_fp8_" + fp8.variant("blocks_"),
        "linear_int4_" + int4.variant("1_"),
        "linear_int4_" + int4.variant("2_"),
        "linear_int4_" + int4.variant("4_"));
  }

  @Test
  void theBuildHasCompiledThemAll() {
    assumeTrue(KernelModules.built(), "this build has no GPU kernels");
    for (KernelSignature signature : SIGNATURES) {
      String name = KernelModules.FOLDER + signature.file() + KernelModules.SUFFIX;
      assertNotNull(getClass().getResource(name), name);
    }
  }

  /** The names that the instantiations at a file's end make. */
  private static Set<String> linearKernels() throws IOException {
    Set<String> names = new HashSet<>();
    for (String format : List.of("bf16", "int8", "fp8", "int4")) {
      Matcher line =
          Pattern.compile("(?m)^LINEAR_\\w+?_(FEW|MANY|WGMMA)\\(([^)]*)\\)$")
              .matcher(source("linear_" + format));
      while (line.find()) {
        String[] values = line.group(2).split(",\\s*", -1);
        String name =
            switch (format) {
              case "fp8" -> values[0] + "_" + values[2] + "_" + values[3];
              case "int4" -> values[0] + "_" + values[1] + "_" + values[2];
              default -> values[0] + "_" + values[1];
            };
        if (line.group(1).equals("FEW")) {
          name += "x" + (format.equals("int4") ? values[4] : "8");
        }
        names.add("linear_" + format + "_" + line.group(1).toLowerCase(Locale.ROOT) + "_" + name);
      }
    }
    return names;
  }

  private static KernelSignature signatureOf(Declared kernel) {
    return SIGNATURES.stream()
        .filter(s -> kernel.name().equals(s.entry()) || kernel.name().startsWith(s.entry() + "_"))
        .max(Comparator.comparingInt(s -> s.entry().length()))
        .orElseThrow(() -> new AssertionError(kernel.name() + " has no Java half"));
  }

  private static List<Declared> declared() throws IOException {
    List<Declared> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(SOURCES)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".cu")).sorted().toList()) {
        String name = file.getFileName().toString().replace(".cu", "");
        Matcher kernel = KERNEL.matcher(source(name));
        int count = 0;
        for (; kernel.find(); count++) {
          all.add(
              new Declared(
                  name, kernel.group(1).replaceAll("_?##.*", ""), parameters(kernel.group(2))));
        }
        assertTrue(count > 0, file + " has no kernel that this test can read");
      }
    }
    return all;
  }

  private static String source(String file) throws IOException {
    return Files.readString(SOURCES.resolve(file + ".cu"))
        .replaceAll("\\\\\\R", "\n")
        .replaceAll("//.*", "");
  }

  private static List<KernelSignature.Parameter> parameters(String list) {
    return Stream.of(list.split(",", -1))
        .map(String::strip)
        .map(KernelSourcesTest::parameter)
        .toList();
  }

  private static KernelSignature.Parameter parameter(String text) {
    String name = text.replaceAll(".*\\W", "");
    KernelSignature.Type type =
        text.contains("*")
            ? KernelSignature.Type.POINTER
            : text.startsWith("float ")
                ? KernelSignature.Type.FLOAT
                : text.startsWith("long long ")
                    ? KernelSignature.Type.LONG
                    : KernelSignature.Type.INT;
    assertTrue(
        type != KernelSignature.Type.INT || text.startsWith("int "),
        "a type unknown to this test: " + text);
    return new KernelSignature.Parameter(name, type);
  }
}
