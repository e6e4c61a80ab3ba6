package dev.kvasir.e2e.controllers;

import dev.kvasir.e2e.events.ObjectEvents;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Rolls each Deployment's ReplicaSets towards its template and its size. */
final class DeploymentController implements AutoCloseable {
  /** Times in conditions are whole seconds. */
  private static final Duration CLOCK_STEP = Duration.ofSeconds(1);

  private final KubernetesClient client;
  private final Patches patches;
  private final ObjectEvents events;
  private final Clock clock;
  private final WorkQueue<ObjectKey> queue =
      new WorkQueue<>("deployment-controller", this::reconcile);
  private final List<SharedIndexInformer<?>> informers = new ArrayList<>();

  DeploymentController(KubernetesClient client, ObjectEvents events, Clock clock) {
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
            .deployments()
            .inAnyNamespace()
            .inform(new Watch<>(d -> queue.add(ObjectKey.of(d))), Watch.RESYNC_MILLIS));
    informers.add(
        client
            .apps()
            .replicaSets()
            .inAnyNamespace()
            .inform(new Watch<>(this::setChanged), Watch.RESYNC_MILLIS));
    informers.add(
        client.pods().inAnyNamespace().inform(new Watch<>(this::podChanged), Watch.RESYNC_MILLIS));
  }

  private void setChanged(ReplicaSet set) {
    var controller = Owners.controller(set);
    if (controller.isPresent()) {
      if (controller.get().getKind().equals("Deployment")) {
        queue.add(new ObjectKey(set.getMetadata().getNamespace(), controller.get().getName()));
      }
      return;
    }
    client
        .apps()
        .deployments()
        .inNamespace(set.getMetadata().getNamespace())
        .list()
        .getItems()
        .stream()
        .filter(deployment -> Owners.isAdoptable(set, deployment.getSpec().getSelector()))
        .forEach(deployment -> queue.add(ObjectKey.of(deployment)));
  }

  /** Recreate waits for the last old pod, whose end changes no ReplicaSet. */
  private void podChanged(Pod pod) {
    if (pod.getMetadata().getDeletionTimestamp() == null) {
      return;
    }
    Owners.controller(pod)
        .map(ref ->
            client
                .apps()
                .replicaSets()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(ref.getName())
                .get())
        .ifPresent(this::setChanged);
  }

  private void reconcile(ObjectKey key) {
    Deployment deployment =
        client.apps().deployments().inNamespace(key.namespace()).withName(key.name()).get();
    if (deployment == null) {
      return;
    }
    List<ReplicaSet> owned = ownedSets(deployment);
    List<Pod> pods = client.pods().inNamespace(key.namespace()).list().getItems();
    DeploymentPlan plan = DeploymentPlan.of(deployment, owned, pods, clock.instant());
    if (deployment.getMetadata().getDeletionTimestamp() == null) {
      carryOut(deployment, owned, plan);
    }
    if (!plan.status().equals(deployment.getStatus())) {
      patches.status(deployment, plan.status());
    }
    DeploymentConditions.overdueAt(plan.status(), DeploymentPlan.deadline(deployment))
        .map(overdue -> Duration.between(clock.instant(), overdue).plus(CLOCK_STEP))
        .ifPresent(delay -> queue.addAfter(key, delay));
  }

  private void carryOut(Deployment deployment, List<ReplicaSet> owned, DeploymentPlan plan) {
    if (plan.current().isPresent()) {
      keepRevision(deployment, owned, plan.current().get());
    } else if (!DeploymentPlan.isPaused(deployment)) {
      create(deployment, owned);
    }
    plan.scale().forEach((name, replicas) -> scale(deployment, owned, name, replicas));
    plan.delete().forEach(patches::delete);
  }

  private List<ReplicaSet> ownedSets(Deployment deployment) {
    var owned = new ArrayList<ReplicaSet>();
    boolean claims = deployment.getMetadata().getDeletionTimestamp() == null;
    for (ReplicaSet set :
        client
            .apps()
            .replicaSets()
            .inNamespace(deployment.getMetadata().getNamespace())
            .list()
            .getItems()) {
      if (Owners.isControlledBy(set, deployment)) {
        owned.add(set);
      } else if (claims && Owners.isAdoptable(set, deployment.getSpec().getSelector())) {
        patches.adopt(set, deployment);
        owned.add(set);
      }
    }
    return owned;
  }

  /** The set in use carries the highest revision, also when an older template comes back. */
  private void keepRevision(Deployment deployment, List<ReplicaSet> owned, ReplicaSet current) {
    long highestOther =
        highestRevision(
            owned.stream().filter(set -> !DeploymentPlan.sameObject(set, current)).toList());
    long revision = DeploymentPlan.revision(current);
    if (revision <= highestOther) {
      revision = highestOther + 1;
      patches.annotations(current, Map.of(DeploymentPlan.REVISION, Long.toString(revision)));
    }
    if (!orEmpty(current.getSpec().getMinReadySeconds())
        .equals(orEmpty(deployment.getSpec().getMinReadySeconds()))) {
      patches.spec(
          current, Map.of("minReadySeconds", orEmpty(deployment.getSpec().getMinReadySeconds())));
    }
    annotateDeployment(deployment, revision);
  }

  private void annotateDeployment(Deployment deployment, long revision) {
    Map<String, String> annotations = deployment.getMetadata().getAnnotations();
    String wanted = Long.toString(revision);
    if (annotations == null || !wanted.equals(annotations.get(DeploymentPlan.REVISION))) {
      patches.annotations(deployment, Map.of(DeploymentPlan.REVISION, wanted));
    }
  }

  private static long highestRevision(List<ReplicaSet> sets) {
    return sets.stream().mapToLong(DeploymentPlan::revision).max().orElse(0);
  }

  private void create(Deployment deployment, List<ReplicaSet> owned) {
    Integer before =
        deployment.getStatus() == null ? null : deployment.getStatus().getCollisionCount();
    int collisions = before == null ? 0 : before;
    String hash = TemplateHash.of(deployment.getSpec().getTemplate(), collisions);
    try {
      var _ = client.resource(newSet(deployment, hash, highestRevision(owned) + 1)).create();
    } catch (KubernetesClientException e) {
      if (e.getCode() != 409) {
        throw e;
      }
      patches.status(deployment, Map.of("collisionCount", collisions + 1));
      throw e;
    }
  }

  private static ReplicaSet newSet(Deployment deployment, String hash, long revision) {
    var meta = deployment.getMetadata();
    PodTemplateSpec template = withHash(deployment.getSpec().getTemplate(), hash);
    var selector = new HashMap<>(orEmpty(deployment.getSpec().getSelector().getMatchLabels()));
    selector.put(TemplateHash.LABEL, hash);
    return new ReplicaSetBuilder()
        .withNewMetadata()
        .withName(meta.getName() + "-" + hash)
        .withNamespace(meta.getNamespace())
        .withLabels(template.getMetadata().getLabels())
        .addToAnnotations(DeploymentPlan.REVISION, Long.toString(revision))
        .withOwnerReferences(Owners.reference(deployment))
        .endMetadata()
        .withNewSpec()
        .withReplicas(0)
        .withMinReadySeconds(deployment.getSpec().getMinReadySeconds())
        .withNewSelectorLike(deployment.getSpec().getSelector())
        .withMatchLabels(selector)
        .endSelector()
        .withTemplate(template)
        .endSpec()
        .build();
  }

  private static PodTemplateSpec withHash(PodTemplateSpec template, String hash) {
    return new PodTemplateSpecBuilder(template)
        .editOrNewMetadata()
        .addToLabels(TemplateHash.LABEL, hash)
        .endMetadata()
        .build();
  }

  private void scale(Deployment deployment, List<ReplicaSet> owned, String name, int replicas) {
    ReplicaSet set =
        owned.stream()
            .filter(s -> s.getMetadata().getName().equals(name))
            .findFirst()
            .orElseThrow();
    int before = set.getSpec().getReplicas();
    patches.spec(set, Map.of("replicas", replicas));
    String direction = replicas > before ? "Scaled up" : "Scaled down";
    events.normal(
        deployment,
        "ScalingReplicaSet",
        direction + " replica set " + name + " from " + before + " to " + replicas);
  }

  private static Integer orEmpty(Integer value) {
    return value == null ? 0 : value;
  }

  private static Map<String, String> orEmpty(Map<String, String> map) {
    return map == null ? Map.of() : map;
  }

  @Override
  public void close() {
    informers.forEach(SharedIndexInformer::close);
    queue.close();
  }
}
