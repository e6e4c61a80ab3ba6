package dev.kvasir.e2e.node;

import io.fabric8.kubernetes.api.model.Probe;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Runs one probe over and over, and reports each verdict that its thresholds give. */
final class ProbeLoop {
  private final Probe probe;
  private final Check check;
  private final Launch launch;
  private final Checker checker;
  private final BiConsumer<ProbeTracker.Verdict, Optional<String>> report;

  ProbeLoop(
      Probe probe,
      Check check,
      Launch launch,
      Checker checker,
      BiConsumer<ProbeTracker.Verdict, Optional<String>> report) {
    this.probe = probe;
    this.check = check;
    this.launch = launch;
    this.checker = checker;
    this.report = report;
  }

  /** Until interrupted. */
  void run() throws InterruptedException {
    var tracker =
        ProbeTracker.of(
            orElse(probe.getSuccessThreshold(), 1), orElse(probe.getFailureThreshold(), 3));
    Thread.sleep(Duration.ofSeconds(orElse(probe.getInitialDelaySeconds(), 0)));
    while (true) {
      tracker = once(tracker);
      Thread.sleep(Duration.ofSeconds(orElse(probe.getPeriodSeconds(), 10)));
    }
  }

  private ProbeTracker once(ProbeTracker tracker) throws InterruptedException {
    Duration timeout = Duration.ofSeconds(orElse(probe.getTimeoutSeconds(), 1));
    Optional<String> failure = checker.failure(check, launch, timeout);
    ProbeTracker next = tracker.after(failure.isEmpty());
    report.accept(next.verdict(), failure);
    return next;
  }

  private static int orElse(Integer value, int fallback) {
    return value == null ? fallback : value;
  }
}
