package dev.kvasir.e2e.controllers;

import dev.kvasir.e2e.events.ObjectEvents;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/** Keeps as many pods as each ReplicaSet wants. */
final class ReplicaSetController implements AutoCloseable {
  private final KubernetesClient client;
  private final Patches patches;
  private final ObjectEvents events;
  private final Clock clock;
  private final WorkQueue<ObjectKey> queue =
      new WorkQueue<>("replicaset-controller", this::reconcile);
  private final List<SharedIndexInformer<?>> informers = new ArrayList<>();

  ReplicaSetController(KubernetesClient client, ObjectEvents events, Clock clock) {
    this.client = client;
    this.patches = new Patches(client);
    this.events = events;
    this.clock = clock;
  }

  void start() {
    queue.start();
    informers.add(
        client
            .apps()
            .replicaSets()
            .inAnyNamespace()
            .inform(new Watch<>(set -> queue.add(ObjectKey.of(set))), Watch.RESYNC_MILLIS));
    informers.add(
        client.pods().inAnyNamespace().inform(new Watch<>(this::podChanged), Watch.RESYNC_MILLIS));
  }

  private void podChanged(Pod pod) {
    var controller = Owners.controller(pod);
    if (controller.isPresent()) {
      if (controller.get().getKind().equals("ReplicaSet")) {
        queue.add(new ObjectKey(pod.getMetadata().getNamespace(), controller.get().getName()));
      }
      return;
    }
    client
        .apps()
        .replicaSets()
        .inNamespace(pod.getMetadata().getNamespace())
        .list()
        .getItems()
        .stream()
        .filter(set -> Owners.isAdoptable(pod, set.getSpec().getSelector()))
        .forEach(set -> queue.add(ObjectKey.of(set)));
  }

  private void reconcile(ObjectKey key) {
    ReplicaSet set =
        client.apps().replicaSets().inNamespace(key.namespace()).withName(key.name()).get();
    if (set == null) {
      return;
    }
    ReplicaSetPlan plan = ReplicaSetPlan.of(set, controlledPods(set), clock.instant());
    for (int i = 0; i < plan.create(); i++) {
      create(set);
    }
    plan.delete().forEach(pod -> delete(set, pod));
    if (!plan.status().equals(set.getStatus())) {
      patches.status(set, plan.status());
    }
    plan.lookAgainIn().ifPresent(delay -> queue.addAfter(key, delay));
  }

  private List<Pod> controlledPods(ReplicaSet set) {
    var controlled = new ArrayList<Pod>();
    boolean claims = set.getMetadata().getDeletionTimestamp() == null;
    for (Pod pod : client.pods().inNamespace(set.getMetadata().getNamespace()).list().getItems()) {
      boolean matches = Owners.matches(set.getSpec().getSelector(), pod.getMetadata().getLabels());
      if (Owners.isControlledBy(pod, set) && (matches || !claims)) {
        controlled.add(pod);
      } else if (Owners.isControlledBy(pod, set)) {
        release(pod, set);
      } else if (claims && Owners.isAdoptable(pod, set.getSpec().getSelector())) {
        patches.adopt(pod, set);
        controlled.add(pod);
      }
    }
    return controlled;
  }

  /** A pod whose labels were taken away is left to itself and replaced. */
  private void release(Pod pod, ReplicaSet set) {
    String uid = set.getMetadata().getUid();
    patches.owners(
        pod,
        pod.getMetadata().getOwnerReferences().stream()
            .filter(ref -> !ref.getUid().equals(uid))
            .toList());
  }

  private void create(ReplicaSet set) {
    var template = set.getSpec().getTemplate();
    var pod =
        new PodBuilder()
            .withNewMetadata()
            .withGenerateName(set.getMetadata().getName() + "-")
            .withNamespace(set.getMetadata().getNamespace())
            .withLabels(template.getMetadata().getLabels())
            .withAnnotations(template.getMetadata().getAnnotations())
            .withFinalizers(template.getMetadata().getFinalizers())
            .withOwnerReferences(Owners.reference(set))
            .endMetadata()
            .withSpec(template.getSpec())
            .build();
    Pod created =
        client.pods().inNamespace(set.getMetadata().getNamespace()).resource(pod).create();
    events.normal(set, "SuccessfulCreate", "Created pod: " + created.getMetadata().getName());
  }

  private void delete(ReplicaSet set, Pod pod) {
    patches.delete(pod);
    events.normal(set, "SuccessfulDelete", "Deleted pod: " + pod.getMetadata().getName());
  }

  @Override
  public void close() {
    informers.forEach(SharedIndexInformer::close);
    queue.close();
  }
}
