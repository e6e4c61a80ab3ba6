package dev.kvasir.operator.scaling;

/** What asks for replicas; the one that asks for most decides. */
public enum Signal {
  /** Prompt tokens that wait, against what can be computed in the time to first token. */
  BACKLOG,
  /** Tokens in the KV caches, and those that will come to them. */
  KV_OCCUPANCY,
  /** The rates of prompts and output, against what a replica can do. */
  TOKEN_RATE,
  /** Requests wait, and what a replica can do is not known yet. */
  QUEUE,
  /** Somebody works or waits, so one replica is wanted. */
  ACTIVITY,
  /** Nothing asks. */
  NONE
}
