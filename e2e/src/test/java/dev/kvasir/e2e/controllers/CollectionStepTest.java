package dev.kvasir.e2e.controllers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kvasir.e2e.controllers.CollectionStep.OwnerState;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CollectionStepTest {
  private static final Pod PLAIN = TestingPods.pod("plain").build();

  @Test
  void anObjectWhoseOwnersAreThereStays() {
    assertEquals(
        new CollectionStep.Nothing(),
        CollectionStep.of(PLAIN, Map.of("a", OwnerState.PRESENT), List.of()));
    assertEquals(new CollectionStep.Nothing(), CollectionStep.of(PLAIN, Map.of(), List.of()));
  }

  @Test
  void anObjectWhoseOwnersAreAllGoneIsDeleted() {
    var owners = Map.of("a", OwnerState.ABSENT, "b", OwnerState.ABSENT);
    assertEquals(new CollectionStep.Delete(false), CollectionStep.of(PLAIN, owners, List.of()));
  }

  @Test
  void anOwnerThatIsLeftKeepsItAndTheGoneOnesAreForgotten() {
    var owners = Map.of("a", OwnerState.ABSENT, "b", OwnerState.PRESENT, "c", OwnerState.WAITING);
    assertEquals(
        new CollectionStep.DropOwners(Set.of("a", "c")),
        CollectionStep.of(PLAIN, owners, List.of()));
  }

  @Test
  void foregroundDeletionGoesDownTheTree() {
    var owners = Map.of("a", OwnerState.WAITING);
    Pod dependent = dependentOf(PLAIN, true);
    assertEquals(
        new CollectionStep.Delete(true), CollectionStep.of(PLAIN, owners, List.of(dependent)));
    assertEquals(new CollectionStep.Delete(false), CollectionStep.of(PLAIN, owners, List.of()));
  }

  @Test
  void aForegroundDeletionWaitsForBlockingDependentsOnly() {
    Pod owner = deletedWith(CollectionStep.FOREGROUND);
    assertEquals(
        new CollectionStep.DeleteDependents(),
        CollectionStep.of(owner, Map.of(), List.of(dependentOf(owner, true))));
    assertEquals(
        new CollectionStep.RemoveFinalizer(CollectionStep.FOREGROUND),
        CollectionStep.of(owner, Map.of(), List.of(dependentOf(owner, false))));
  }

  @Test
  void orphansAreLetGoBeforeTheirOwner() {
    Pod owner = deletedWith(CollectionStep.ORPHAN);
    assertEquals(
        new CollectionStep.OrphanDependents(),
        CollectionStep.of(owner, Map.of(), List.of(dependentOf(owner, false))));
    assertEquals(
        new CollectionStep.RemoveFinalizer(CollectionStep.ORPHAN),
        CollectionStep.of(owner, Map.of(), List.of()));
  }

  @Test
  void somebodyElsesFinalizerIsLeftAlone() {
    assertEquals(
        new CollectionStep.Nothing(),
        CollectionStep.of(deletedWith("example.com/mine"), Map.of(), List.of()));
  }

  private static Pod deletedWith(String finalizer) {
    return new PodBuilder(TestingPods.pod("owner").deletedAt("2026-01-01T00:00:00Z").build())
        .editMetadata()
        .addToFinalizers(finalizer)
        .endMetadata()
        .build();
  }

  private static Pod dependentOf(Pod owner, boolean blocks) {
    return TestingPods.pod("dependent")
        .owner(
            new OwnerReferenceBuilder()
                .withUid(owner.getMetadata().getUid())
                .withBlockOwnerDeletion(blocks)
                .build())
        .build();
  }
}
