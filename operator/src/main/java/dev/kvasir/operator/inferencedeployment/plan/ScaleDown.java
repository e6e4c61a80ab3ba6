package dev.kvasir.operator.inferencedeployment.plan;

import dev.kvasir.operator.inferencedeployment.plan.PodAction.Kind;
import dev.kvasir.operator.kube.EventReason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Takes pods away without cutting a stream: those with the least work leave the Service and finish
 * what they have; the Deployment asks for fewer only when they are empty, or have had their time.
 *
 * <p>A ReplicaSet with too many pods deletes the ones that are not ready first, and only among
 * equals the cheapest. So the number is lowered only while no other pod is unready, and only when
 * the pods that may go are seen to be the cheapest.
 *
 * @param replicas what the Deployment should ask for now
 */
record ScaleDown(int replicas, List<PodAction> actions, List<Decision> decisions) {

  /**
   * What it is decided on.
   *
   * @param current what the Deployment asks for
   * @param pods that are there and were not deleted
   * @param rollingOut pods are being replaced: then the Deployment's controller chooses which pod
   *     goes, and each finishes its work after it was deleted
   */
  record Input(
      int wanted,
      int current,
      List<PodFacts> pods,
      boolean rollingOut,
      Duration longestDrain,
      Instant at) {}

  private static final Comparator<PodFacts> FIRST_TO_GO =
      Comparator.comparing((PodFacts pod) -> !pod.isMarkedToLeave())
          .thenComparing(PodFacts::started)
          .thenComparing(pod -> !pod.isDraining())
          .thenComparingDouble(PodFacts::work)
          .thenComparing(PodFacts::name);

  static ScaleDown plan(Input input) {
    if (input.rollingOut()) {
      return new ScaleDown(input.wanted(), List.of(), List.of());
    }
    List<PodFacts> pods = input.pods().stream().sorted(FIRST_TO_GO).toList();
    int surplus = Math.max(0, pods.size() - input.wanted());
    List<PodFacts> victims = pods.subList(0, surplus);
    List<PodFacts> others = pods.subList(surplus, pods.size());
    Plan plan = new Plan(input);
    others.stream().filter(PodFacts::isDraining).forEach(pod -> plan.add(Kind.RETURN, pod));
    boolean othersServe = others.stream().allMatch(pod -> pod.ready() || pod.isDraining());
    victims.forEach(victim -> plan.decide(victim, othersServe));
    return plan.done();
  }

  private static final class Plan {
    private final Input input;
    private final List<PodAction> actions = new ArrayList<>();
    private final List<Decision> decisions = new ArrayList<>();
    private int gone;

    Plan(Input input) {
      this.input = input;
    }

    void decide(PodFacts victim, boolean othersServe) {
      if (victim.started() && !othersServe) {
        // Its place may be needed, and the ReplicaSet would take another.
        if (victim.isDraining()) {
          add(Kind.RETURN, victim);
        }
      } else if (victim.mayGo(input.at(), input.longestDrain())) {
        add(Kind.LEAVE, victim);
        gone += victim.isMarkedToLeave() ? 1 : 0;
      } else {
        add(Kind.DRAIN, victim);
      }
    }

    void add(Kind kind, PodFacts pod) {
      actions.add(new PodAction(kind, pod.pod()));
      if (kind == Kind.DRAIN && !pod.isDraining()) {
        decisions.add(
            new Decision(
                EventReason.DRAINING, "%s finishes its requests and goes".formatted(pod.name())));
      }
      if (kind == Kind.RETURN) {
        decisions.add(
            new Decision(
                EventReason.DRAIN_UNDONE, "%s takes requests again".formatted(pod.name())));
      }
    }

    /**
     * Pods that are not there need no drain: nothing of the Deployment's number is kept for them.
     */
    ScaleDown done() {
      int left = Math.min(input.current(), input.pods().size() - gone);
      return new ScaleDown(Math.max(input.wanted(), left), actions, decisions);
    }
  }
}
