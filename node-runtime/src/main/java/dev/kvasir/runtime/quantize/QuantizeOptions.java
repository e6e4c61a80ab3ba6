package dev.kvasir.runtime.quantize;

import dev.kvasir.runtime.engine.StartupException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What to quantize and how.
 *
 * @param target a directory that is not there yet, or empty
 * @param calibration text that shows which inputs matter; empty takes a small one of our own
 * @param groupSize inputs that share a scale, for {@link Scheme#AWQ}; empty takes 128, or less
 *     where that does not divide the inputs of all layers
 * @param shardBytes most bytes of a file of weights
 */
public record QuantizeOptions(
    Path model,
    Path target,
    Scheme scheme,
    Format format,
    Optional<Path> calibration,
    OptionalInt groupSize,
    long shardBytes) {
  public static final long DEFAULT_SHARD_BYTES = 4L << 30;
  static final int DEFAULT_GROUP_SIZE = 128;

  public QuantizeOptions {
    boolean awq = scheme == Scheme.AWQ;
    refuse(!awq && calibration.isPresent(), "--calibration is of use to --scheme awq only");
    refuse(!awq && format == Format.AWQ, "--format awq takes --scheme awq only");
    refuse(!awq && groupSize.isPresent(), "--group-size is of use to --scheme awq only");
    int size = groupSize.orElse(8);
    refuse(size < 8 || size % 8 != 0, "--group-size must be a multiple of 8, got " + size);
  }

  private static void refuse(boolean wrong, String message) {
    if (wrong) {
      throw new StartupException(message);
    }
  }
}
