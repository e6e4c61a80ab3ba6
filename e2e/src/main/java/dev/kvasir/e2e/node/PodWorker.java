package dev.kvasir.e2e.node;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** One pod on this node, from its volumes to the end of its last container. */
final class PodWorker {
  private static final Duration VOLUME_RETRY = Duration.ofSeconds(2);

  private final Pod pod;
  private final String podIp;
  private final NodeServices node;
  private final PodVolumes volumes;
  private final List<ContainerRunner> initContainers;
  private final List<ContainerRunner> containers;
  private final Instant startTime;
  private final Runnable changed;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final CountDownLatch done = new CountDownLatch(1);

  /** {@code changed} is called whenever {@link #view()} may give something new. */
  PodWorker(Pod pod, String podIp, Path directory, NodeServices node, Runnable changed) {
    this.pod = pod;
    this.podIp = podIp;
    this.node = node;
    this.changed = changed;
    this.startTime = node.clock().instant();
    var fields = new FieldReferences(pod, podIp, node.hostIp(), node.nodeName());
    this.volumes = new PodVolumes(pod, directory, node.data(), fields);
    var environment =
        new EnvironmentResolver(node.data(), pod.getMetadata().getNamespace(), fields);
    var planner =
        new LaunchPlanner(node.images(), environment, volumes, directory, System.getenv());
    var policy = RestartPolicy.of(pod.getSpec().getRestartPolicy());
    this.initContainers =
        runners(pod.getSpec().getInitContainers(), policy.forInitContainers(), planner, directory);
    this.containers = runners(pod.getSpec().getContainers(), policy, planner, directory);
  }

  private List<ContainerRunner> runners(
      List<Container> specs, RestartPolicy policy, LaunchPlanner planner, Path directory) {
    return specs.stream()
        .map(spec ->
            new ContainerRunner(
                pod,
                spec,
                policy,
                podIp,
                planner,
                node,
                directory.resolve("logs").resolve(spec.getName()),
                changed))
        .toList();
  }

  String podIp() {
    return podIp;
  }

  PodView view() {
    return new PodView(podIp, node.hostIp(), startTime, views(initContainers), views(containers));
  }

  Optional<ContainerLog> log(String container, boolean previous) {
    return runner(container).flatMap(runner -> runner.log(previous));
  }

  Optional<ContainerRunner> runner(String container) {
    return Stream.concat(containers.stream(), initContainers.stream())
        .filter(runner -> runner.name().equals(container))
        .findFirst();
  }

  /** Runs the pod; returns when none of its containers runs any more or will run again. */
  void run() throws InterruptedException {
    try {
      changed.run();
      if (materialiseVolumes() && runInitContainers()) {
        runTogether(containers);
      }
    } finally {
      done.countDown();
      changed.run();
    }
  }

  /** Stops every container within the grace period; returns when all have ended. */
  void stop(Duration grace) throws InterruptedException {
    stopping.countDown();
    var threads = new ArrayList<Thread>();
    for (ContainerRunner runner : all()) {
      threads.add(Thread.ofVirtual().start(() -> stop(runner, grace)));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    done.await();
  }

  private boolean materialiseVolumes() throws InterruptedException {
    while (stopping.getCount() > 0) {
      Optional<String> problem = UnsupportedFeatures.of(pod.getSpec());
      if (problem.isEmpty()) {
        problem = tryVolumes();
      }
      if (problem.isEmpty()) {
        return true;
      }
      node.events().warning(pod, "FailedMount", problem.get());
      var _ = stopping.await(VOLUME_RETRY.toMillis(), TimeUnit.MILLISECONDS);
    }
    return false;
  }

  private Optional<String> tryVolumes() {
    try {
      volumes.materialise();
      return Optional.empty();
    } catch (ContainerConfigException | IOException e) {
      return Optional.of(e.getMessage());
    }
  }

  private boolean runInitContainers() throws InterruptedException {
    for (ContainerRunner runner : initContainers) {
      runner.run();
      if (stopping.getCount() == 0 || !runner.view().succeeded()) {
        return false;
      }
    }
    return stopping.getCount() > 0;
  }

  private static void runTogether(List<ContainerRunner> runners) throws InterruptedException {
    var threads = new ArrayList<Thread>();
    for (ContainerRunner runner : runners) {
      threads.add(Thread.ofVirtual().name("container " + runner.name()).start(() -> run(runner)));
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private static void run(ContainerRunner runner) {
    try {
      runner.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void stop(ContainerRunner runner, Duration grace) {
    try {
      runner.stop(grace);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<ContainerRunner> all() {
    return Stream.concat(initContainers.stream(), containers.stream()).toList();
  }

  private static List<ContainerView> views(List<ContainerRunner> runners) {
    return runners.stream().map(ContainerRunner::view).toList();
  }
}
