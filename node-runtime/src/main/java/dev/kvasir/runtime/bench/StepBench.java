package dev.kvasir.runtime.bench;

import dev.kvasir.runtime.device.Device;
import dev.kvasir.runtime.device.Ops;
import dev.kvasir.runtime.device.StepHandle;
import dev.kvasir.runtime.device.cuda.CudaDevice;
import dev.kvasir.runtime.engine.Engine;
import dev.kvasir.runtime.engine.EngineListener;
import dev.kvasir.runtime.engine.EngineOptions;
import dev.kvasir.runtime.engine.EngineStarter;
import dev.kvasir.runtime.engine.GenerationEvent;
import dev.kvasir.runtime.engine.GenerationRequest;
import dev.kvasir.runtime.engine.GenerationStream;
import dev.kvasir.runtime.engine.StartedEngine;
import dev.kvasir.runtime.sampling.SamplingParameters;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Decodes on a GPU with steps that overlap and with steps one by one, and says how long a step took
 * and the host for its part of it, and whether both gave the same tokens. Needs no weights: {@code
 * StepBench MODEL PROMPT_TOKENS OUTPUT_TOKENS BATCH...}.
 */
public final class StepBench {
  private static final double SHARE = 0.9;

  private final Path model;
  private final int promptTokens;
  private final int outputTokens;
  private final Clocks clocks = new Clocks();

  /**
   * Nanoseconds of the engine's thread, over the steps in which a whole batch decodes. Written by
   * that thread.
   */
  private static final class Clocks implements EngineListener {
    private volatile int batch;
    private long last;
    private long launching;
    private long waiting;
    private long decoding;
    private int steps;

    void begin(int size) {
      last = 0;
      batch = size;
    }

    @Override
    public void onStep(int rows, int promptTokens, int outputTokens) {
      long now = System.nanoTime();
      if (promptTokens > 0 || outputTokens < batch) {
        return;
      }
      if (last == 0) {
        launching = 0;
        waiting = 0;
        decoding = 0;
        steps = 0;
      } else {
        decoding += now - last;
        steps++;
      }
      last = now;
    }

    @Override
    public void onFinished(RequestReport report) {}

    void print() {
      double step = decoding / 1e6 / steps;
      System.out.printf(
          "batch %3d: %8.1f tokens/s, %6.3f ms a step; the host launches for %4.0f us of them and waits for %5.0f us (%d steps)%n",
          batch, 1e3 * batch / step, step, launching / 1e3 / steps, waiting / 1e3 / steps, steps);
    }
  }

  private StepBench(Path model, int promptTokens, int outputTokens) {
    this.model = model;
    this.promptTokens = promptTokens;
    this.outputTokens = outputTokens;
  }

  public static void main(String[] args) throws InterruptedException {
    StepBench bench =
        new StepBench(Path.of(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]));
    int[] batches = Arrays.stream(args).skip(3).mapToInt(Integer::parseInt).toArray();
    List<int[]> overlapped = bench.run(CudaDevice.Steps.OVERLAPPED, batches);
    List<int[]> oneByOne = bench.run(CudaDevice.Steps.ONE_BY_ONE, batches);
    System.exit(compare(batches, overlapped, oneByOne) ? 0 : 1);
  }

  /**
   * A batch of one must give the same. Larger ones are put together by chance, so that sums may be
   * taken in another order: of those it says how far they agree.
   */
  private static boolean compare(int[] batches, List<int[]> some, List<int[]> others) {
    boolean right = true;
    int first = 0;
    for (int batch : batches) {
      int same = 0;
      long agreeing = 0;
      for (int i = first; i < first + batch; i++) {
        int mismatch = Arrays.mismatch(some.get(i), others.get(i));
        same += mismatch < 0 ? 1 : 0;
        agreeing += mismatch < 0 ? some.get(i).length : mismatch;
      }
      first += batch;
      right &= batch > 1 || same == 1;
      System.out.printf(
          "batch %3d: %d outputs are the same; they agree for %.1f tokens on average%n",
          batch, same, agreeing / (double) batch);
    }
    return right;
  }

  private List<int[]> run(CudaDevice.Steps steps, int[] batches) throws InterruptedException {
    long begin = System.nanoTime();
    List<int[]> outputs = new ArrayList<>();
    Device device = timed(CudaDevice.open(SHARE, steps));
    try (StartedEngine started = EngineStarter.start(options(batches), device)) {
      System.out.printf(
          "%s on %s, ready after %.1f s%n",
          steps, started.deviceName(), (System.nanoTime() - begin) / 1e9);
      started.engine().addListener(clocks);
      for (int batch : batches) {
        outputs.addAll(generate(started.engine(), batch));
      }
    }
    return outputs;
  }

  private EngineOptions options(int[] batches) {
    EngineOptions d = EngineOptions.defaults(model);
    int most = Math.max(16, Arrays.stream(batches).max().orElse(1));
    return new EngineOptions(
        model,
        EngineOptions.DeviceChoice.CUDA,
        OptionalInt.of(promptTokens + outputTokens + 16),
        most,
        OptionalInt.of(2048),
        d.blockSize(),
        d.maxWaiting(),
        OptionalLong.empty(),
        OptionalInt.empty(),
        d.kvCacheType(),
        d.weightType(),
        d.quantization(),
        EngineOptions.LoadFormat.DUMMY,
        false,
        0,
        SHARE);
  }

  /** All streams run together. */
  private List<int[]> generate(Engine engine, int batch) throws InterruptedException {
    clocks.begin(batch);
    SplittableRandom random = new SplittableRandom(batch);
    List<GenerationStream> streams = new ArrayList<>();
    for (int i = 0; i < batch; i++) {
      int[] prompt = random.ints(promptTokens, 0, engine.limits().vocabularySize()).toArray();
      SamplingParameters sampling =
          new SamplingParameters(i % 2, 1, 0, i, SamplingParameters.NO_LOGPROBS);
      GenerationRequest request =
          new GenerationRequest("r" + i, prompt, sampling, outputTokens, Set.of());
      streams.add(submit(engine, request));
    }
    List<List<Integer>> outputs = new ArrayList<>();
    streams.forEach(stream -> outputs.add(new ArrayList<>()));
    for (int i = 0; i < batch; i++) {
      while (read(streams.get(i), outputs.get(i))) {
        // Until its end.
      }
    }
    clocks.print();
    return outputs.stream().map(o -> o.stream().mapToInt(Integer::intValue).toArray()).toList();
  }

  private static GenerationStream submit(Engine engine, GenerationRequest request) {
    try {
      return engine.submit(request);
    } catch (dev.kvasir.runtime.engine.RequestRejectedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean read(GenerationStream stream, List<Integer> into)
      throws InterruptedException {
    return switch (stream.next(Duration.ofSeconds(60))) {
      case GenerationEvent.Token token -> into.add(token.id());
      case GenerationEvent.Finished end when end.message() != null ->
          throw new IllegalStateException(end.message());
      case GenerationEvent.Finished end -> false;
      case GenerationEvent other -> throw new IllegalStateException(other.toString());
    };
  }

  /** A device whose ops keep the time. */
  private Device timed(Device device) {
    return proxy(
        Device.class,
        (method, args) -> {
          Object result = invoke(device, method, args);
          return result instanceof Ops ops ? timed(ops) : result;
        });
  }

  private Ops timed(Ops ops) {
    return proxy(
        Ops.class,
        (method, args) -> {
          if (!method.getName().equals("run")) {
            return invoke(ops, method, args);
          }
          long begin = System.nanoTime();
          StepHandle handle = (StepHandle) invoke(ops, method, args);
          clocks.launching += System.nanoTime() - begin;
          return timed(handle);
        });
  }

  private StepHandle timed(StepHandle handle) {
    return proxy(
        StepHandle.class,
        (method, args) -> {
          long begin = System.nanoTime();
          Object result = invoke(handle, method, args);
          clocks.waiting += System.nanoTime() - begin;
          return result;
        });
  }

  private interface Call {
    Object run(Method method, Object[] args);
  }

  private static <T> T proxy(Class<T> type, Call call) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (p, method, args) -> call.run(method, args)));
  }

  private static Object invoke(Object target, Method method, Object[] args) {
    try {
      return method.invoke(target, args);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }
}
