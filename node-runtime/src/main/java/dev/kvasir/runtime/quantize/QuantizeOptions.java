package dev.kvasir.runtime.quantize;

import dev.kvasir.runtime.engine.StartupException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What to quantize and how.
 *
 * @param target a directory that is not there yet, or empty
 * @param calibration text that shows which inputs matter; empty takes a small one of our own
 * @param groupSize inputs that share a scale, for {@link Scheme#AWQ}
 * @param shardBytes most bytes of a file of weights
 */
public record QuantizeOptions(
    Path model,
    Path target,
    Scheme scheme,
    Format format,
    Optional<Path> calibration,
    int groupSize,
    long shardBytes) {
  public static final long DEFAULT_SHARD_BYTES = 4L << 30;

  public QuantizeOptions {
    boolean awq = scheme == Scheme.AWQ;
    refuse(!awq && calibration.isPresent(), "--calibration is of use to --scheme awq only");
    refuse(!awq && format == Format.AWQ, "--format awq takes --scheme awq only");
    refuse(
        groupSize < 8 || groupSize % 8 != 0,
        "--group-size must be a multiple of 8, got " + groupSize);
  }

  private static void refuse(boolean wrong, String message) {
    if (wrong) {
      throw new StartupException(message);
    }
  }
}
