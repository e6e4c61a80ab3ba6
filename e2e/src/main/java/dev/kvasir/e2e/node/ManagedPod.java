package dev.kvasir.e2e.node;

import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** A pod that this node runs: its worker, its reporter and their threads. */
final class ManagedPod {
  private static final long NOT_STOPPING = Long.MAX_VALUE;

  private final Pod pod;
  private final PodWorker worker;
  private final PodReporter reporter;
  private final AtomicLong graceSeconds = new AtomicLong(NOT_STOPPING);
  private final Thread reporting;

  ManagedPod(Pod pod, PodWorker worker, PodReporter reporter) {
    this.pod = pod;
    this.worker = worker;
    this.reporter = reporter;
    this.reporting =
        Thread.ofVirtual()
            .name("status of " + pod.getMetadata().getName())
            .unstarted(this::reportUntilEnd);
  }

  Pod pod() {
    return pod;
  }

  PodWorker worker() {
    return worker;
  }

  void start() {
    reporting.start();
    Thread.ofVirtual().name("pod " + pod.getMetadata().getName()).start(this::runWorker);
  }

  void observed(Pod newer) {
    reporter.observed(newer.getStatus());
  }

  /** Whether the containers must be stopped now, or sooner than was asked before. */
  boolean mustStop(long seconds) {
    return graceSeconds.getAndAccumulate(seconds, Math::min) > seconds;
  }

  void stop(long seconds) throws InterruptedException {
    worker.stop(Duration.ofSeconds(seconds));
  }

  /** The last word on this pod, after its containers have ended. */
  void reportEnd() {
    reporting.interrupt();
    var _ = reporter.report();
  }

  void forget() {
    reporting.interrupt();
  }

  private void runWorker() {
    try {
      worker.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void reportUntilEnd() {
    try {
      reporter.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
