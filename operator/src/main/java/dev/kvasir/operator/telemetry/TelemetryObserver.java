package dev.kvasir.operator.telemetry;

import dev.kvasir.operator.scaling.ScalingDecision;

/** Hears what telemetry does, for metrics. */
public interface TelemetryObserver {
  void pageRead(long nanos);

  void pageEnded(boolean read);

  void holderEnded(boolean read);

  void roundEnded(long nanos);

  void decided(DeploymentKey key, ScalingDecision decision);
}
