package dev.kvasir.operator.inferencedeployment.plan;

import dev.kvasir.api.v1alpha1.InferenceDeploymentSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The pod templates that were in use, newest first. */
public record RevisionHistory(List<Revision> revisions) {
  /** The one in use and two to go back to. */
  private static final int KEPT = 3;

  public RevisionHistory {
    revisions =
        revisions.stream().sorted(Comparator.comparingLong(Revision::number).reversed()).toList();
  }

  public static RevisionHistory read(List<ControllerRevision> stored) {
    return new RevisionHistory(
        stored.stream().filter(RevisionHistory::isWhole).map(Revision::read).toList());
  }

  private static boolean isWhole(ControllerRevision stored) {
    return stored.getMetadata().getLabels() != null
        && stored.getMetadata().getLabels().containsKey(Names.REVISION)
        && stored.getMetadata().getAnnotations() != null
        && stored.getMetadata().getAnnotations().containsKey(Names.SPEC)
        && stored.getData() != null;
  }

  Optional<Revision> current() {
    return revisions.stream().findFirst();
  }

  /** The template of {@code hash} as it was rendered first, else rendered now; as the newest. */
  Revision use(String hash, InferenceDeploymentSpec spec, Supplier<PodTemplateSpec> render) {
    Optional<Revision> known =
        revisions.stream().filter(revision -> Objects.equals(revision.hash(), hash)).findFirst();
    long newest = current().map(Revision::number).orElse(0L);
    return known
        .map(revision -> revision.with(isCurrent(revision) ? newest : newest + 1, spec))
        .orElseGet(() -> new Revision(hash, newest + 1, render.get(), spec));
  }

  /** What to keep once {@code used} is the newest. */
  List<Revision> after(Revision used) {
    Stream<Revision> others =
        revisions.stream().filter(revision -> !Objects.equals(revision.hash(), used.hash()));
    return Stream.concat(Stream.of(used), others).limit(KEPT).toList();
  }

  private boolean isCurrent(Revision revision) {
    return current().filter(revision::equals).isPresent();
  }
}
