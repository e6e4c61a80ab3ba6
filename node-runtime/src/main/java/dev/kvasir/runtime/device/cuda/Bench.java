package dev.kvasir.runtime.device.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** What the kernels' checks share: the GPU, test data, timing, results. */
final class Bench implements AutoCloseable {
  private static final int LAUNCHES = 20;
  private static final int REPEATS = 5;
  private static final int CHUNK = 1 << 20;

  private final Gpu gpu;
  private final boolean timed;
  private final boolean small;
  private final KernelModules modules;
  private final Stream stream = new Stream();
  private final List<CheckResult> results = new ArrayList<>();
  private final double copyGigabytes;
  private DeviceMemory memory;
  private Arena arena = Arena.ofShared();

  /**
   * @param timed whether kernels are measured too
   * @param small whether few and small shapes are checked: what compute-sanitizer has time for
   */
  Bench(Gpu gpu, boolean timed, boolean small) {
    this.gpu = gpu;
    this.timed = timed;
    this.small = small;
    this.modules = new KernelModules(gpu);
    this.memory = new DeviceMemory(gpu);
    this.copyGigabytes = timed ? measureCopy() : Double.NaN;
    renew();
  }

  Gpu gpu() {
    return gpu;
  }

  boolean timed() {
    return timed;
  }

  boolean small() {
    return small;
  }

  KernelModules modules() {
    return modules;
  }

  Stream stream() {
    return stream;
  }

  DeviceMemory memory() {
    return memory;
  }

  List<CheckResult> results() {
    return results;
  }

  /** Bytes read plus bytes written by a copy: the driver's own or ours, whichever is faster. */
  double copyGigabytes() {
    return copyGigabytes;
  }

  private double measureCopy() {
    DeviceBuffer from = upload(randomBytes(1L << 30, 1));
    DeviceBuffer to = allocate(from.bytes());
    Copy copy = new Copy(modules);
    double us =
        Math.min(time(1, i -> stream.copy(from, to)), time(1, i -> copy.run(from, to, stream)));
    return 2.0 * from.bytes() / us / 1e3;
  }

  /** Forgets all buffers of the case before. */
  @SuppressWarnings("MustBeClosedChecker") // close() and the next call do
  void renew() {
    memory.close();
    arena.close();
    memory = new DeviceMemory(gpu);
    arena = Arena.ofShared();
  }

  DeviceBuffer allocate(long bytes) {
    return memory.allocate(DeviceMemory.Use.WORKSPACE, bytes);
  }

  /** Room for an op's output, filled with what is no number in any type. */
  DeviceBuffer poisoned(long bytes) {
    DeviceBuffer buffer = allocate(bytes);
    stream.fill(buffer, (byte) 0xff);
    stream.synchronize();
    return buffer;
  }

  MemorySegment host(long bytes) {
    return arena.allocate(bytes, 64);
  }

  DeviceBuffer upload(MemorySegment data) {
    if (!data.isNative()) {
      return upload(host(data.byteSize()).copyFrom(data));
    }
    DeviceBuffer buffer = allocate(data.byteSize());
    buffer.write(data);
    return buffer;
  }

  DeviceBuffer upload(int... values) {
    MemorySegment data = host(4L * values.length);
    MemorySegment.copy(values, 0, data, ValueLayout.JAVA_INT, 0, values.length);
    return upload(data);
  }

  DeviceBuffer upload(float... values) {
    MemorySegment data = host(4L * values.length);
    MemorySegment.copy(values, 0, data, ValueLayout.JAVA_FLOAT, 0, values.length);
    return upload(data);
  }

  MemorySegment download(DeviceBuffer buffer) {
    stream.synchronize();
    MemorySegment data = host(buffer.bytes());
    buffer.read(data);
    return data;
  }

  /** More of the same, so that no launch finds the last one's data in the cache. */
  DeviceBuffer[] copies(DeviceBuffer first, int count) {
    DeviceBuffer[] all = new DeviceBuffer[count];
    all[0] = first;
    for (int i = 1; i < count; i++) {
      all[i] = allocate(first.bytes());
      stream.copy(first, all[i]);
    }
    stream.synchronize();
    return all;
  }

  /** Copies that together outgrow the cache by far. */
  int copiesOf(long bytes) {
    return Math.clamp(4 * gpu.cacheBytes() / bytes, 1, 64);
  }

  /** Random words, each as the mapping makes them; the seed is the case's. */
  MemorySegment random(long bytes, long seed, java.util.function.LongUnaryOperator words) {
    MemorySegment data = host((bytes + 7) / 8 * 8);
    long count = data.byteSize() / 8;
    IntStream.range(0, (int) Math.ceilDiv(count, CHUNK))
        .parallel()
        .forEach(chunk -> {
          SplittableRandom random = new SplittableRandom(seed * 7919 + chunk);
          for (long i = (long) chunk * CHUNK; i < Math.min(count, (chunk + 1L) * CHUNK); i++) {
            data.setAtIndex(ValueLayout.JAVA_LONG, i, words.applyAsLong(random.nextLong()));
          }
        });
    return data.asSlice(0, bytes);
  }

  /** bfloat16 of both signs, of sizes between 2^-shift and 2^(4-shift), all mantissas. */
  MemorySegment randomBf16(long elements, long seed, int shift) {
    long exponent = (127L - shift) << 7;
    long all = exponent * 0x0001000100010001L;
    return random(
        2 * elements,
        seed,
        bits -> (bits & 0x807f807f807f807fL) + (bits >>> 5 & 0x0180018001800180L) + all);
  }

  /** e4m3 of both signs between 2^-6 and 2: no infinities or NaN. */
  MemorySegment randomE4m3(long elements, long seed) {
    return random(elements, seed, bits -> bits & 0xbfbfbfbfbfbfbfbfL);
  }

  MemorySegment randomBytes(long elements, long seed) {
    return random(elements, seed, bits -> bits);
  }

  /** Microseconds of one launch: the median of replays of a graph of many. */
  double time(int copies, IntConsumer launch) {
    if (!timed) {
      return Double.NaN;
    }
    int launches = Math.max(LAUNCHES, copies);
    try (Graph graph =
            stream.capture(() -> {
              for (int i = 0; i < launches; i++) {
                launch.accept(i % copies);
              }
            });
        Event start = new Event();
        Event end = new Event()) {
      graph.launch(stream);
      double[] times = new double[REPEATS];
      for (int r = 0; r < REPEATS; r++) {
        start.record(stream);
        graph.launch(stream);
        end.record(stream);
        end.await();
        times[r] = end.millisecondsSince(start) * 1e3 / launches;
      }
      java.util.Arrays.sort(times);
      return times[REPEATS / 2];
    }
  }

  void checked(String op, String shape, double error, double tolerance) {
    add(
        new CheckResult(
            op, shape, Double.NaN, 0, CheckResult.Unit.GB_PER_S, copyGigabytes, error, tolerance));
  }

  void moved(
      String op, String shape, double microseconds, double bytes, double error, double tolerance) {
    double rate = bytes / microseconds / 1e3;
    add(
        new CheckResult(
            op,
            shape,
            microseconds,
            rate,
            CheckResult.Unit.GB_PER_S,
            copyGigabytes,
            error,
            tolerance));
  }

  void computed(
      String op,
      String shape,
      double microseconds,
      double flops,
      double ceiling,
      double error,
      double tolerance) {
    double rate = flops / microseconds / 1e6;
    add(
        new CheckResult(
            op,
            shape,
            microseconds,
            rate,
            CheckResult.Unit.TFLOP_PER_S,
            ceiling,
            error,
            tolerance));
  }

  private void add(CheckResult result) {
    results.add(result);
    System.out.println(result.line());
  }

  @Override
  public void close() {
    memory.close();
    arena.close();
    stream.close();
  }
}
