package dev.kvasir.operator.inferencedeployment.plan;

import io.fabric8.kubernetes.api.model.Pod;

/** Something to be done to a pod. What is done already is done again without an effect. */
public record PodAction(Kind kind, Pod pod) {

  /** What is done. */
  public enum Kind {
    /** It leaves the Service and finishes its work. */
    DRAIN,
    /** It has nothing to lose: a ReplicaSet that has too many takes it first. */
    LEAVE,
    /** It is needed after all. */
    RETURN
  }

  /** The deletion cost that a pod of this kind of action has; the least goes first. */
  public static String cost(Kind kind) {
    return switch (kind) {
      case DRAIN -> "-100";
      case LEAVE -> "-200";
      case RETURN -> "0";
    };
  }
}
