package dev.kvasir.e2e.controllers;

import dev.kvasir.e2e.events.EventRecorder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Clock;

/** The controllers of an embedded cluster, in one. */
public final class ControllerManager implements AutoCloseable {
  private final DeploymentController deployments;
  private final ReplicaSetController replicaSets;
  private final GarbageCollector garbageCollector;
  private final DisruptionBudgetController disruptionBudgets;

  private ControllerManager(KubernetesClient client, Clock clock) {
    this.deployments =
        new DeploymentController(
            client, new EventRecorder(client, "deployment-controller", "", clock), clock);
    this.replicaSets =
        new ReplicaSetController(
            client, new EventRecorder(client, "replicaset-controller", "", clock), clock);
    this.garbageCollector = new GarbageCollector(client);
    this.disruptionBudgets = new DisruptionBudgetController(client);
  }

  /** Starts all controllers; the client stays the caller's. */
  public static ControllerManager start(KubernetesClient client) {
    var manager = new ControllerManager(client, Clock.systemUTC());
    manager.deployments.start();
    manager.replicaSets.start();
    manager.garbageCollector.start();
    manager.disruptionBudgets.start();
    return manager;
  }

  @Override
  public void close() {
    deployments.close();
    replicaSets.close();
    disruptionBudgets.close();
    garbageCollector.close();
  }
}
