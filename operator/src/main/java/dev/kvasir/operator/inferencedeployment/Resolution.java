package dev.kvasir.operator.inferencedeployment;

import dev.kvasir.operator.inferencedeployment.status.Reason;
import java.util.List;

/**
 * Whether a spec can be put into effect, or why not.
 *
 * @param specProblems what is wrong with the spec itself, a sentence each
 * @param missing what it refers to and can't be used
 */
public record Resolution(List<String> specProblems, List<MissingReference> missing) {

  /** Something that the spec names: why it can not be used, in one word and in a sentence. */
  public record MissingReference(Reason reason, String message) {}

  public Resolution {
    specProblems = List.copyOf(specProblems);
    missing = List.copyOf(missing);
  }

  public boolean isComplete() {
    return specProblems.isEmpty() && missing.isEmpty();
  }
}
