package dev.kvasir.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;
import java.util.Map;

/** What the scaler has decided, and what it needs to go on after a restart. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ScalingStatus(
    @JsonPropertyDescription("Pods that the last decision asks for.") Integer desired,
    @JsonPropertyDescription("The last decision in a sentence.") String lastDecision,
    @JsonPropertyDescription("The last ten decisions, the newest first.")
        List<DecisionStatus> decisions,
    @JsonPropertyDescription("What the operator needs to go on after a restart.")
        StateStatus state) {

  /** One decision. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record DecisionStatus(
      @JsonPropertyDescription("When it was taken.") String time,
      @JsonPropertyDescription("Pods asked for before.") Integer from,
      @JsonPropertyDescription("Pods asked for since.") Integer to,
      @JsonPropertyDescription("What became of the recommendation.") String outcome,
      @JsonPropertyDescription("The signal that asked for most.") String signal,
      @JsonPropertyDescription("The decision in a sentence.") String sentence,
      @JsonPropertyDescription("The totals that it was decided on.") InputsStatus inputs) {}

  /** Totals over all pods at the time of a decision. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record InputsStatus(
      @JsonPropertyDescription("Requests that waited.") Integer waitingRequests,
      @JsonPropertyDescription("Prompt tokens that waited.") Integer waitingPromptTokens,
      @JsonPropertyDescription("Tokens in the KV caches.") Integer kvTokens,
      @JsonPropertyDescription("Prompt tokens computed a second.") Integer promptTokensPerSecond,
      @JsonPropertyDescription("Output tokens a second.") Integer tokensPerSecond,
      @JsonPropertyDescription("What one pod can do.") CapacityStatus capacity) {}

  /** Written at times, read once after a start. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record StateStatus(
      @JsonPropertyDescription("When this was written.") String savedAt,
      @JsonPropertyDescription("The revision of the pods that it speaks of.") String revision,
      @JsonPropertyDescription("Since when nothing is missing in maxima.") String knownSince,
      @JsonPropertyDescription("The largest numbers wanted, by time.") List<MaximumStatus> maxima,
      @JsonPropertyDescription("When there was the last request.") String lastActivity,
      @JsonPropertyDescription(
              "By the power of two of the mean context: how a pod under load compares with its"
                  + " benchmark.")
          Map<String, String> learned,
      @JsonPropertyDescription("What one pod can do by its own benchmark.")
          CapacityStatus benchmark) {

    public StateStatus {
      maxima = maxima == null ? List.of() : List.copyOf(maxima);
      learned = learned == null ? Map.of() : Map.copyOf(learned);
    }
  }

  /** The largest number of pods wanted from this time to the next entry's. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record MaximumStatus(
      @JsonPropertyDescription("When it begins.") String since,
      @JsonPropertyDescription("Pods.") Integer replicas) {}

  public ScalingStatus {
    decisions = decisions == null ? List.of() : List.copyOf(decisions);
  }
}
