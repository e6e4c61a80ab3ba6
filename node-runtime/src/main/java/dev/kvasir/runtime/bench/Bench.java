package dev.kvasir.runtime.bench;

import dev.kvasir.runtime.engine.Engine;
import dev.kvasir.runtime.engine.FinishReason;
import dev.kvasir.runtime.engine.GenerationEvent;
import dev.kvasir.runtime.engine.GenerationRequest;
import dev.kvasir.runtime.engine.GenerationStream;
import dev.kvasir.runtime.engine.RequestRejectedException;
import dev.kvasir.runtime.sampling.SamplingParameters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Drives an engine with a workload and takes the time. */
public final class Bench {
  private static final Duration MOST_WAIT = Duration.ofMinutes(10);

  private final Engine engine;
  private final Workload workload;
  private final SplittableRandom random;

  /** Hears how far it has come. */
  public interface Progress {
    void wave(int concurrency, int wave, int waves, boolean warmUp);
  }

  /** A request was refused, failed, or gave nothing for ten minutes. */
  public static final class FailedException extends Exception {
    private static final long serialVersionUID = 1L;

    FailedException(String message) {
      super(message);
    }
  }

  public Bench(Engine engine, Workload workload) {
    this.engine = engine;
    this.workload = workload;
    this.random = new SplittableRandom(workload.seed());
  }

  public Measurement measure(int concurrency, Progress progress)
      throws FailedException, InterruptedException {
    for (int i = 0; i < workload.warmUpWaves(); i++) {
      progress.wave(concurrency, i + 1, workload.warmUpWaves(), true);
      wave(concurrency);
    }
    List<Wave> waves = new ArrayList<>();
    for (int i = 0; i < workload.waves(concurrency); i++) {
      progress.wave(concurrency, i + 1, workload.waves(concurrency), false);
      waves.add(wave(concurrency));
    }
    return Measurement.of(concurrency, workload.inputTokens(), waves);
  }

  private Wave wave(int concurrency) throws FailedException, InterruptedException {
    List<GenerationRequest> requests = new ArrayList<>();
    for (int i = 0; i < concurrency; i++) {
      requests.add(request(i));
    }
    try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<long[]>> reads = new ArrayList<>();
      long start = System.nanoTime();
      for (GenerationRequest request : requests) {
        GenerationStream stream = submit(request);
        reads.add(readers.submit(() -> read(stream, start)));
      }
      long[][] arrivals = new long[concurrency][];
      for (int i = 0; i < concurrency; i++) {
        arrivals[i] = arrivals(reads.get(i));
      }
      return new Wave(arrivals);
    }
  }

  private GenerationRequest request(int index) {
    int[] prompt = random.ints(workload.inputTokens(), 0, workload.vocabulary()).toArray();
    return new GenerationRequest(
        "bench-" + index, prompt, SamplingParameters.greedy(), workload.outputTokens(), Set.of());
  }

  private GenerationStream submit(GenerationRequest request) throws FailedException {
    try {
      return engine.submit(request);
    } catch (RequestRejectedException e) {
      throw new FailedException("a request was refused: " + e.getMessage());
    }
  }

  private long[] read(GenerationStream stream, long start)
      throws FailedException, InterruptedException {
    long[] arrivals = new long[workload.outputTokens()];
    for (int i = 0; ; ) {
      switch (stream.next(MOST_WAIT)) {
        case GenerationEvent.Token _ -> arrivals[i++] = System.nanoTime() - start;
        case GenerationEvent.Finished end -> {
          if (end.reason() != FinishReason.LENGTH || i != arrivals.length) {
            throw new FailedException(
                "a request ended after %d tokens: %s".formatted(i, end.message()));
          }
          return arrivals;
        }
        case null ->
            throw new FailedException("no token for " + MOST_WAIT.toMinutes() + " minutes");
        case GenerationEvent other -> throw new FailedException("unexpected " + other);
      }
    }
  }

  private static long[] arrivals(Future<long[]> read) throws FailedException, InterruptedException {
    try {
      return read.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof FailedException failed
          ? failed
          : new FailedException(String.valueOf(e.getCause()));
    }
  }
}
