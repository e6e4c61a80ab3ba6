package dev.kvasir.e2e.node;

import dev.kvasir.e2e.process.Child;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Runs one container of a pod, again and again as its restart policy says, until it is stopped. */
final class ContainerRunner implements ContainerProbes.Listener {
  private static final Duration CONFIG_RETRY = Duration.ofSeconds(2);
  private static final Duration LOG_DRAIN = Duration.ofSeconds(2);
  private static final int MAX_MESSAGE = 4096;
  private static final int LOG_LINES_IN_MESSAGE = 20;

  private final Pod pod;
  private final Container container;
  private final RestartPolicy restartPolicy;
  private final String podIp;
  private final LaunchPlanner planner;
  private final NodeServices node;
  private final Path logDirectory;
  private final Runnable changed;
  private final CountDownLatch stopping = new CountDownLatch(1);

  private RunState state = new RunState.Waiting("ContainerCreating", null);
  private Optional<RunState.Terminated> last = Optional.empty();
  private int restarts;
  private boolean started;
  private boolean ready;
  private Child child;
  private Launch launch;
  private ContainerLog log;
  private ContainerLog previousLog;

  ContainerRunner(
      Pod pod,
      Container container,
      RestartPolicy restartPolicy,
      String podIp,
      LaunchPlanner planner,
      NodeServices node,
      Path logDirectory,
      Runnable changed) {
    this.pod = pod;
    this.container = container;
    this.restartPolicy = restartPolicy;
    this.podIp = podIp;
    this.planner = planner;
    this.node = node;
    this.logDirectory = logDirectory;
    this.changed = changed;
  }

  String name() {
    return container.getName();
  }

  synchronized ContainerView view() {
    return new ContainerView(
        container.getName(),
        container.getImage(),
        state,
        last,
        restarts,
        started,
        ready,
        isRestarting());
  }

  /** A pod whose only container is between two runs has not ended. */
  private boolean isRestarting() {
    return state instanceof RunState.Terminated ended
        && !isStopping()
        && restartPolicy.restarts(ended.exitCode());
  }

  synchronized Optional<ContainerLog> log(boolean previous) {
    return Optional.ofNullable(previous ? previousLog : log);
  }

  /** Returns when the container has ended for good. */
  void run() throws InterruptedException {
    var backOff = RestartBackOff.NONE;
    while (!isStopping()) {
      if (!prepare()) {
        var _ = stopping.await(CONFIG_RETRY.toMillis(), TimeUnit.MILLISECONDS);
        continue;
      }
      Optional<RunState.Terminated> ended = runOnce();
      if (ended.isEmpty() || isStopping() || !restartPolicy.restarts(ended.get().exitCode())) {
        return;
      }
      backOff =
          backOff.afterRunOf(Duration.between(ended.get().startedAt(), ended.get().finishedAt()));
      awaitRestart(ended.get(), backOff.delay());
    }
  }

  /**
   * SIGTERM after the container's own preparation for it, and SIGKILL when the grace period is
   * over.
   */
  void stop(Duration grace) throws InterruptedException {
    Child running = markStopping();
    if (running == null || !running.isAlive()) {
      return;
    }
    node.events().normal(pod, "Killing", "Stopping container " + name());
    Instant deadline = node.clock().instant().plus(grace);
    preStop(grace);
    Duration left = Duration.between(node.clock().instant(), deadline);
    running.stop(left.isNegative() ? Duration.ZERO : left);
  }

  private synchronized Child markStopping() {
    stopping.countDown();
    return child;
  }

  private boolean isStopping() {
    return stopping.getCount() == 0;
  }

  private void preStop(Duration limit) throws InterruptedException {
    if (container.getLifecycle() == null
        || container.getLifecycle().getPreStop() == null
        || limit.isZero()) {
      return;
    }
    try {
      Check check = Check.of(container.getLifecycle().getPreStop(), container, podIp);
      Optional<String> failure = node.checker().failure(check, launch, limit);
      failure.ifPresent(why -> node.events().warning(pod, "FailedPreStopHook", why));
    } catch (ContainerConfigException e) {
      node.events().warning(pod, "FailedPreStopHook", e.getMessage());
    }
  }

  private boolean prepare() {
    if (node.images().entryPoint(container.getImage()).isEmpty()) {
      noImage();
      return false;
    }
    try {
      ContainerProbes.validate(container, podIp);
      launch = planner.plan(container);
      return true;
    } catch (ContainerConfigException | IOException e) {
      waiting("CreateContainerConfigError", e.getMessage());
      node.events().warning(pod, "Failed", "Error: " + e.getMessage());
      return false;
    }
  }

  private void noImage() {
    String message =
        "the local node has no image "
            + container.getImage()
            + ": it runs images named "
            + node.images().names();
    boolean first =
        !(view().state() instanceof RunState.Waiting waiting && waiting.reason().contains("Pull"));
    waiting(first ? "ErrImagePull" : "ImagePullBackOff", message);
    if (first) {
      node.events().warning(pod, "Failed", "Failed to pull image: " + message);
    }
  }

  private Optional<RunState.Terminated> runOnce() throws InterruptedException {
    Instant startedAt = node.clock().instant();
    try {
      if (!startProcess(startedAt)) {
        return Optional.empty();
      }
    } catch (IOException e) {
      return Optional.of(ended(128, "StartError", e.getMessage(), startedAt));
    }
    node.events()
        .normal(pod, "Started", "Started container " + name() + " as process " + child.pid());
    try (var probes = new ContainerProbes(container, podIp, launch, node.checker(), this)) {
      probes.start();
      int status = awaitExit();
      return Optional.of(
          ended(
              status, status == 0 ? "Completed" : "Error", terminationMessage(status), startedAt));
    } catch (IOException | ContainerConfigException e) {
      return Optional.of(ended(128, "Error", e.getMessage(), startedAt));
    } finally {
      child.kill();
      closeLog();
    }
  }

  /**
   * What the process left behind in its group may hold its output open, so it is killed before the
   * output must end.
   */
  private int awaitExit() throws InterruptedException {
    Thread copier = Thread.ofVirtual().name("log of " + name()).start(this::copyLog);
    int status = child.waitFor();
    child.kill();
    copier.join(LOG_DRAIN);
    return status;
  }

  private void copyLog() {
    try {
      log.copy(child.output());
    } catch (IOException e) {
      node.events().warning(pod, "FailedLog", "log of container " + name() + ": " + e.getMessage());
    }
  }

  private synchronized boolean startProcess(Instant startedAt) throws IOException {
    if (isStopping()) {
      return false;
    }
    rotateLogs();
    child = node.children().start(launch.builder().redirectErrorStream(true));
    state = new RunState.Running(startedAt);
    changed.run();
    return true;
  }

  private void rotateLogs() throws IOException {
    if (previousLog != null) {
      previousLog.delete();
    }
    previousLog = log;
    log =
        new ContainerLog(
            logDirectory.resolve(restarts + ".log"), node.maxLogFileBytes(), node.clock());
  }

  private void closeLog() {
    try {
      log.close();
    } catch (IOException e) {
      node.events()
          .warning(
              pod, "FailedLog", "closing the log of container " + name() + ": " + e.getMessage());
    }
  }

  private synchronized RunState.Terminated ended(
      int status, String reason, String message, Instant startedAt) {
    var terminated =
        new RunState.Terminated(status, reason, message, startedAt, node.clock().instant());
    state = terminated;
    started = false;
    ready = false;
    changed.run();
    return terminated;
  }

  private String terminationMessage(int status) throws IOException {
    if (Files.exists(launch.terminationLog()) && Files.size(launch.terminationLog()) > 0) {
      try (var in = Files.newInputStream(launch.terminationLog())) {
        return new String(in.readNBytes(MAX_MESSAGE), StandardCharsets.UTF_8);
      }
    }
    boolean fromLog =
        "FallbackToLogsOnError".equals(container.getTerminationMessagePolicy()) && status != 0;
    return fromLog ? lastLogLines() : null;
  }

  private String lastLogLines() throws IOException {
    List<LogLine> lines = log.read().lines();
    var text = new StringBuilder();
    lines
        .subList(Math.max(0, lines.size() - LOG_LINES_IN_MESSAGE), lines.size())
        .forEach(l -> text.append(l.render(false)));
    return text.substring(Math.max(0, text.length() - MAX_MESSAGE));
  }

  private void awaitRestart(RunState.Terminated ended, Duration delay) throws InterruptedException {
    synchronized (this) {
      last = Optional.of(ended);
      state =
          new RunState.Waiting(
              "CrashLoopBackOff",
              "back-off "
                  + delay.toSeconds()
                  + "s restarting failed container "
                  + name()
                  + " of pod "
                  + pod.getMetadata().getName());
    }
    if (!delay.isZero()) {
      changed.run();
      node.events().warning(pod, "BackOff", "Back-off restarting failed container " + name());
    }
    boolean stopped = stopping.await(delay.toMillis(), TimeUnit.MILLISECONDS);
    synchronized (this) {
      restarts += stopped ? 0 : 1;
    }
  }

  private synchronized void waiting(String reason, String message) {
    state = new RunState.Waiting(reason, message);
    changed.run();
  }

  @Override
  public synchronized void started() {
    started = state instanceof RunState.Running;
    changed.run();
  }

  @Override
  public synchronized void ready(boolean isReady) {
    boolean now = isReady && state instanceof RunState.Running;
    if (ready != now) {
      ready = now;
      changed.run();
    }
  }

  @Override
  public void failed(String probe, String why) {
    node.events().warning(pod, "Unhealthy", probe + " probe failed: " + why);
  }

  @Override
  public void restart(String probe) {
    node.events()
        .normal(
            pod,
            "Killing",
            "Container "
                + name()
                + " failed its "
                + probe.toLowerCase(Locale.ROOT)
                + " probe, will be restarted");
    Child failing;
    synchronized (this) {
      failing = child;
    }
    try {
      failing.stop(Duration.ofSeconds(graceSeconds()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private long graceSeconds() {
    Long grace = pod.getSpec().getTerminationGracePeriodSeconds();
    return grace == null ? 30 : grace;
  }
}
