package dev.kvasir.e2e.node;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Probe;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;

/** The probes of one run of a container: the others wait until the startup probe has passed. */
final class ContainerProbes implements AutoCloseable {
  /** What the probes found out. */
  interface Listener {
    void started();

    void ready(boolean ready);

    void failed(String probe, String why);

    void restart(String probe);
  }

  private final Container container;
  private final String podIp;
  private final Launch launch;
  private final Checker checker;
  private final Listener listener;
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private volatile boolean closed;

  ContainerProbes(
      Container container, String podIp, Launch launch, Checker checker, Listener listener) {
    this.container = container;
    this.podIp = podIp;
    this.launch = launch;
    this.checker = checker;
    this.listener = listener;
  }

  /** Fails before the container is started where a probe is of a kind that this node lacks. */
  static void validate(Container container, String podIp) throws ContainerConfigException {
    for (Probe probe :
        new Probe[] {
          container.getStartupProbe(), container.getReadinessProbe(), container.getLivenessProbe()
        }) {
      if (probe != null) {
        var _ = Check.of(probe, container, podIp);
      }
    }
  }

  void start() throws ContainerConfigException {
    if (container.getStartupProbe() == null) {
      startOthers();
      return;
    }
    loop("Startup", container.getStartupProbe(), this::startupVerdict);
  }

  private void startupVerdict(ProbeTracker.Verdict verdict, Optional<String> failure) {
    switch (verdict) {
      case PASSING -> {
        startOthersUnchecked();
        Thread.currentThread().interrupt();
      }
      case FAILING -> listener.restart("Startup");
      case UNKNOWN -> {}
    }
  }

  private void startOthersUnchecked() {
    try {
      startOthers();
    } catch (ContainerConfigException e) {
      throw new IllegalStateException("a probe passed validation and is invalid now", e);
    }
  }

  private void startOthers() throws ContainerConfigException {
    listener.started();
    if (container.getReadinessProbe() == null) {
      listener.ready(true);
    } else {
      loop("Readiness", container.getReadinessProbe(), this::readinessVerdict);
    }
    if (container.getLivenessProbe() != null) {
      loop("Liveness", container.getLivenessProbe(), this::livenessVerdict);
    }
  }

  private void readinessVerdict(ProbeTracker.Verdict verdict, Optional<String> failure) {
    listener.ready(verdict == ProbeTracker.Verdict.PASSING);
  }

  private void livenessVerdict(ProbeTracker.Verdict verdict, Optional<String> failure) {
    if (verdict == ProbeTracker.Verdict.FAILING) {
      listener.restart("Liveness");
    }
  }

  private void loop(
      String name, Probe probe, BiConsumer<ProbeTracker.Verdict, Optional<String>> verdict)
      throws ContainerConfigException {
    var loop =
        new ProbeLoop(
            probe,
            Check.of(probe, container, podIp),
            launch,
            checker,
            (result, failure) -> {
              failure.ifPresent(why -> reportFailure(name, why));
              verdict.accept(result, failure);
            });
    Thread thread =
        Thread.ofVirtual()
            .name(name + " probe of " + container.getName())
            .unstarted(() -> run(loop));
    threads.add(thread);
    if (!closed) {
      thread.start();
    }
  }

  private void reportFailure(String name, String why) {
    if (!closed) {
      listener.failed(name, why);
    }
  }

  private static void run(ProbeLoop loop) {
    try {
      loop.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed = true;
    threads.forEach(Thread::interrupt);
  }
}
