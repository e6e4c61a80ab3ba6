package dev.kvasir.runtime.scheduler;

/**
 * How a model's rotary embedding depends on a sequence's length. A prompt's positions are turned
 * for the prompt's whole length, generated ones for the length they bring the sequence to.
 *
 * @param originalLength up to which the length makes no difference
 */
public record RotationRule(Kind kind, int originalLength) {
  /** The same at every length. */
  public static final RotationRule FIXED = new RotationRule(Kind.FIXED, 0);

  /** What happens beyond the original length. */
  public enum Kind {
    /** Nothing. */
    FIXED,
    /** Every length has frequencies of its own. */
    PER_LENGTH,
    /** There is a second set of frequencies, for what comes from there on. */
    SWITCH,
    /** There is a second set, and what was turned by the first is computed again. */
    SWITCH_ALL
  }

  /**
   * Equal for sequences whose keys at the same positions are turned alike: what a hash of cached
   * blocks must hold besides the tokens.
   *
   * @param rotatedLength {@link Sequence#rotatedLength}
   */
  public long classOf(int rotatedLength) {
    if (rotatedLength <= originalLength) {
      return 0;
    }
    return switch (kind) {
      case FIXED -> 0;
      case PER_LENGTH -> rotatedLength;
      case SWITCH, SWITCH_ALL -> 1;
    };
  }

  /** Whether a sequence that has grown to a length must be computed again from its start. */
  boolean outdates(int rotatedLength, int length) {
    return kind == Kind.SWITCH_ALL && rotatedLength <= originalLength && length > originalLength;
  }
}
