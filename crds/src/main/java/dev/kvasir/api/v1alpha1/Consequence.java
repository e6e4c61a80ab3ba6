package dev.kvasir.api.v1alpha1;

/** What a change of a field means for the pods that run. */
public enum Consequence {
  /** No pod changes; only objects around them do. */
  NOTHING,
  /** Pods are added or taken away; those that stay are untouched. */
  SCALE,
  /** Every pod is replaced, by the rules of spec.rollout. */
  REPLACE_PODS
}
