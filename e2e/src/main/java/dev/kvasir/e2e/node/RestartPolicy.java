package dev.kvasir.e2e.node;

/** Whether a container that ended is started again. */
enum RestartPolicy {
  ALWAYS,
  ON_FAILURE,
  NEVER;

  static RestartPolicy of(String name) {
    return switch (name == null ? "Always" : name) {
      case "Always" -> ALWAYS;
      case "OnFailure" -> ON_FAILURE;
      case "Never" -> NEVER;
      default -> throw new IllegalArgumentException("unknown restartPolicy " + name);
    };
  }

  /** An init container runs until it succeeds, unless nothing is ever restarted. */
  RestartPolicy forInitContainers() {
    return this == ALWAYS ? ON_FAILURE : this;
  }

  boolean restarts(int exitCode) {
    return this == ALWAYS || (this == ON_FAILURE && exitCode != 0);
  }
}
