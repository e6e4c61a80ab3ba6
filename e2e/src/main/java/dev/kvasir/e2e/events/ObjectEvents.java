package dev.kvasir.e2e.events;

import io.fabric8.kubernetes.api.model.HasMetadata;

/** Where a component tells what happened to an object; {@code kubectl describe} shows it. */
public interface ObjectEvents {
  /** Kubernetes' two types of events. */
  enum Severity {
    Normal,
    Warning
  }

  void emit(HasMetadata object, Severity severity, String reason, String message);

  default void normal(HasMetadata object, String reason, String message) {
    emit(object, Severity.Normal, reason, message);
  }

  default void warning(HasMetadata object, String reason, String message) {
    emit(object, Severity.Warning, reason, message);
  }
}
