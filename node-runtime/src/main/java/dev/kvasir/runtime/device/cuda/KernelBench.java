package dev.kvasir.runtime.device.cuda;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * Checks every kernel on a GPU and measures it beside the card's ceilings. Arguments: parts to run
 * (rows, sample, attention, prefill, linear; all unless some are named), formats of linear layers,
 * {@code sweep} (time other plans too), {@code untimed} (checks alone). {@code
 * -Dkvasir.bench.json=FILE} writes the results, {@code -Dkvasir.bench.sources=FILE} names a list of
 * source hashes to go with them.
 */
public final class KernelBench {
  private static final List<String> PARTS =
      List.of("rows", "sample", "attention", "prefill", "linear");

  private final Bench bench;
  private final List<String> wanted;

  private KernelBench(Bench bench, List<String> wanted) {
    this.bench = bench;
    this.wanted = wanted;
  }

  public static void main(String[] args) {
    String file = System.getProperty("kvasir.bench.json");
    if (!run(List.of(args), file == null ? null : Path.of(file))) {
      System.exit(1);
    }
  }

  /**
   * Checks, measures and prints.
   *
   * @param json to be written, or null
   * @return whether all checks passed
   */
  public static boolean run(List<String> wanted, Path json) {
    boolean small = wanted.contains("small");
    try (Gpu gpu = Gpu.open(0);
        Bench bench = new Bench(gpu, !small && !wanted.contains("untimed"), small)) {
      System.out.printf(
          "%s, %d multiprocessors, driver %d, copy %.0f GB/s%n",
          gpu.name(), gpu.multiprocessors(), gpu.driverVersion(), bench.copyGigabytes());
      new KernelBench(bench, wanted).runParts();
      long failed = bench.results().stream().filter(r -> !r.passed()).count();
      System.out.printf("%d checks, %d failed%n", bench.results().size(), failed);
      if (json != null) {
        write(bench, json);
      }
      return failed == 0;
    }
  }

  private void runParts() {
    if (wants("rows")) {
      new RowOpsCheck(bench).run();
    }
    if (wants("sample")) {
      new SampleCheck(bench).run();
    }
    if (wants("attention")) {
      new DecodeAttentionCheck(bench, wanted.contains("sweep")).run();
    }
    if (wants("prefill")) {
      new PrefillAttentionCheck(bench).run();
    }
    if (wants("linear")) {
      new LinearCheck(bench, wanted).run();
    }
  }

  private boolean wants(String part) {
    return wanted.contains(part) || PARTS.stream().noneMatch(wanted::contains);
  }

  private static void write(Bench bench, Path file) {
    ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    ObjectNode root = json.createObjectNode();
    root.put("card", bench.gpu().name());
    root.put("driver", bench.gpu().driverVersion());
    root.put("date", Instant.now().toString());
    root.put("commit", System.getProperty("kvasir.bench.commit", "unknown"));
    root.put("copyGigabytesPerSecond", Math.round(bench.copyGigabytes()));
    ArrayNode results = root.putArray("results");
    bench.results().forEach(r -> add(results.addObject(), r));
    try {
      sanitizers(root.putArray("sanitizers"));
      sources(root.putObject("sources"));
      Files.writeString(file, json.writeValueAsString(root) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + file, e);
    }
  }

  private static void add(ObjectNode to, CheckResult result) {
    to.put("op", result.op()).put("shape", result.shape());
    if (result.timed()) {
      to.put("microseconds", Math.round(result.microseconds() * 10) / 10.0);
      to.put("rate", Math.round(result.rate())).put("unit", result.unit().text);
      to.put("percentOfCeiling", Math.round(1000 * result.rate() / result.ceiling()) / 10.0);
    }
    to.put("error", result.error()).put("passed", result.passed());
  }

  private static void sanitizers(ArrayNode to) throws IOException {
    String list = System.getProperty("kvasir.bench.sanitizers");
    if (list != null) {
      Files.readAllLines(Path.of(list)).forEach(to::add);
    }
  }

  /** As sha256sum prints them. */
  private static void sources(ObjectNode to) throws IOException {
    String list = System.getProperty("kvasir.bench.sources");
    if (list != null) {
      for (String line : Files.readAllLines(Path.of(list))) {
        String[] parts = line.split("\\s+", 2);
        to.put(parts[1], parts[0]);
      }
    }
  }
}
