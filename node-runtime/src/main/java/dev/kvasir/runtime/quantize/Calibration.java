package dev.kvasir.runtime.quantize;

import dev.kvasir.runtime.device.cpu.CpuDevice;
import dev.kvasir.runtime.device.cpu.LinearObserver;
import dev.kvasir.runtime.engine.EngineOptions;
import dev.kvasir.runtime.engine.EngineStarter;
import dev.kvasir.runtime.engine.GenerationEvent;
import dev.kvasir.runtime.engine.GenerationRequest;
import dev.kvasir.runtime.engine.GenerationStream;
import dev.kvasir.runtime.engine.RequestRejectedException;
import dev.kvasir.runtime.engine.StartedEngine;
import dev.kvasir.runtime.engine.StartupException;
import dev.kvasir.runtime.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Runs a model over a text and keeps what the inputs of its linear layers were like. */
final class Calibration implements LinearObserver {
  private static final String OWN_TEXT = "calibration.txt";
  private static final int LEAST_TOKENS = 64;
  private static final int WINDOW = 512;
  private static final int MOST_WINDOWS = 4;
  private static final long MOST_TEXT_BYTES = 16 << 20;
  private static final Duration PATIENCE = Duration.ofMinutes(30);

  private final int stages;
  private final int window;
  private final StageStatistics[] statistics;
  private int calls;

  private Calibration(int stages, int window, int windows) {
    this.stages = stages;
    this.window = window;
    this.statistics = new StageStatistics[stages];
    for (int i = 0; i < stages; i++) {
      statistics[i] = new StageStatistics(windows);
    }
  }

  /**
   * What each stage's inputs were like.
   *
   * @param context longest sequence of the model
   */
  static List<StageInputs> run(Path model, Optional<Path> text, int stages, int context)
      throws IOException {
    int[] tokens = Tokenizer.load(model).encode(read(text), true);
    if (tokens.length < LEAST_TOKENS) {
      throw new StartupException(
          "--calibration %s: %d tokens are too few, at least %d are wanted"
              .formatted(text.map(Path::toString).orElse(OWN_TEXT), tokens.length, LEAST_TOKENS));
    }
    int window = Math.min(Math.min(tokens.length, WINDOW), context);
    int windows = Math.min(MOST_WINDOWS, tokens.length / window);
    Calibration calibration = new Calibration(stages, window, windows);
    calibration.run(model, tokens, windows);
    return Arrays.stream(calibration.statistics).map(StageStatistics::inputs).toList();
  }

  private static String read(Optional<Path> text) throws IOException {
    if (text.isPresent()) {
      if (Files.size(text.get()) > MOST_TEXT_BYTES) {
        throw new StartupException(
            "--calibration %s: %d bytes are too many, at most %d are read"
                .formatted(text.get(), Files.size(text.get()), MOST_TEXT_BYTES));
      }
      return Files.readString(text.get());
    }
    try (InputStream own = Calibration.class.getResourceAsStream(OWN_TEXT)) {
      return new String(own.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private void run(Path model, int[] tokens, int windows) {
    EngineOptions options = EngineOptions.defaults(model);
    try (StartedEngine started = EngineStarter.start(options, CpuDevice.observed(this))) {
      for (int i = 0; i < windows; i++) {
        int[] prompt = Arrays.copyOfRange(tokens, i * window, (i + 1) * window);
        finish(started.engine().submit(GenerationRequest.hiddenState("calibration", prompt, "")));
      }
    } catch (RequestRejectedException e) {
      throw new StartupException("the calibration text was refused: " + e.getMessage(), e);
    }
    if (calls != stages * windows) {
      throw new IllegalStateException(
          "%d linear layers were seen, not %d".formatted(calls, stages * windows));
    }
  }

  private static void finish(GenerationStream stream) {
    try {
      while (true) {
        switch (stream.next(PATIENCE)) {
          case null -> throw new StartupException("calibration did not end in " + PATIENCE);
          case GenerationEvent.Finished end -> {
            if (end.message() != null) {
              throw new StartupException("calibration failed: " + end.message());
            }
            return;
          }
          default -> {}
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartupException("calibration was interrupted", e);
    }
  }

  /** Steps of other sizes are the engine's warm-up, and one row is what the head reads. */
  @Override
  public void onInput(float[] values, int rows, int columns) {
    if (rows == window) {
      statistics[calls++ % stages].add(values, rows, columns);
    }
  }

  /** Sums over the windows. */
  private static final class StageStatistics {
    private static final int SAMPLES = 128;

    private final int samplesEach;
    private final List<float[]> samples = new ArrayList<>();
    private double[] magnitude;
    private double[] square;
    private long rows;

    StageStatistics(int windows) {
      samplesEach = Math.ceilDiv(SAMPLES, windows);
    }

    void add(float[] values, int count, int columns) {
      if (magnitude == null) {
        magnitude = new double[columns];
        square = new double[columns];
      }
      for (int row = 0; row < count; row++) {
        for (int k = 0; k < columns; k++) {
          double x = values[row * columns + k];
          magnitude[k] += Math.abs(x);
          square[k] += x * x;
        }
      }
      rows += count;
      int taken = Math.min(count, samplesEach);
      for (int i = 0; i < taken; i++) {
        int at = (int) ((long) i * count / taken) * columns;
        samples.add(Arrays.copyOfRange(values, at, at + columns));
      }
    }

    StageInputs inputs() {
      return new StageInputs(means(magnitude), means(square), samples.toArray(float[][]::new));
    }

    private float[] means(double[] sums) {
      float[] means = new float[sums.length];
      for (int k = 0; k < means.length; k++) {
        means[k] = (float) (sums[k] / rows);
      }
      return means;
    }
  }
}
