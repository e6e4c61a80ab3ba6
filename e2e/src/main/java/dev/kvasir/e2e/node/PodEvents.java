package dev.kvasir.e2e.node;

import io.fabric8.kubernetes.api.model.Pod;

/** Where the node tells what happened to a pod; {@code kubectl describe pod} shows it. */
interface PodEvents {
  enum Severity {
    Normal,
    Warning
  }

  void emit(Pod pod, Severity severity, String reason, String message);

  default void normal(Pod pod, String reason, String message) {
    emit(pod, Severity.Normal, reason, message);
  }

  default void warning(Pod pod, String reason, String message) {
    emit(pod, Severity.Warning, reason, message);
  }
}
