package dev.kvasir.operator;

/** What a process of this program is for. */
public enum Role {
  /** Reconciles InferenceDeployments. */
  OPERATOR,
  /** Passes requests on to their replicas. */
  GATEWAY
}
