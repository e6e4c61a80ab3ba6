package dev.kvasir.operator.telemetry;

/** Requests for a deployment that wait outside of its pods, as far as their holder says. */
record Held(Holder holder, double requests, double promptTokens) {

  /** Who would hold a request while there is no pod. */
  enum Holder {
    /** Nobody: the last pod must stay. */
    NONE,
    /** Somebody who can't be read now. */
    SILENT,
    THERE
  }
}
