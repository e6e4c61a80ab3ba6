package dev.kvasir.operator.telemetry;

import dev.kvasir.api.v1alpha1.ScalingSpec;
import dev.kvasir.operator.inferencedeployment.plan.ScalingTerms;
import dev.kvasir.operator.inferencedeployment.plan.SpecValidator;
import dev.kvasir.operator.inferencedeployment.status.PodState;
import dev.kvasir.operator.inferencedeployment.status.ScalingMemory;
import dev.kvasir.operator.scaling.Capacity;
import dev.kvasir.operator.scaling.Replica;
import dev.kvasir.operator.scaling.ScalingPolicy;
import dev.kvasir.operator.scaling.ScalingTrack;
import dev.kvasir.operator.scaling.TelemetrySnapshot;
import dev.kvasir.operator.telemetry.Held.Holder;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Follows one deployment from round to round. Only the telemetry's own thread uses it. */
final class DeploymentWatch {
  private static final Duration RATE_OVER = Duration.ofSeconds(30);

  private final Duration staleAfter;
  private final String uid;
  private final Publisher publisher = new Publisher();
  private final Map<String, PodReadings> readings = new HashMap<>();
  private Optional<ScalingTrack> track;
  private Optional<ScalingSpec> terms = Optional.empty();
  private Capacity benchmark;
  private RecordedRound recorded;

  /** Of the pods that the benchmark speaks of; empty where that is not known. */
  private String revision;

  /** Goes on where the resource's status says that another left off. */
  DeploymentWatch(Member member, Duration staleAfter, Instant now) {
    this.uid = member.resource().getMetadata().getUid();
    this.staleAfter = staleAfter;
    this.track = ScalingMemory.read(member.resource().getStatus(), now);
    this.benchmark = ScalingMemory.benchmark(member.resource().getStatus());
    this.revision = track.map(ScalingTrack::revision).orElse("");
  }

  /** A resource that was deleted and made again is another one. */
  boolean isOf(Member member) {
    return uid.equals(member.resource().getMetadata().getUid());
  }

  /** When the status was last given figures; the one that waits longest comes first. */
  Instant publishedAt() {
    return publisher.at();
  }

  /**
   * Takes in a round.
   *
   * @param mayPublish whether the status may be given new figures now
   */
  DeploymentView look(
      Member member,
      Map<URI, Scrape.Result<EngineReading>> pages,
      Held held,
      Instant now,
      boolean mayPublish) {
    takeIn(member.pods(), pages, now);
    forgetOther(member.revision());
    Capacity measured = measure(member.pods(), now);
    TelemetrySnapshot snapshot = snapshot(member, held, now);
    scale(member, snapshot, measured, held);
    int wanted = track.map(ScalingTrack::desired).orElseGet(member::replicas);
    recorded = new RecordedRound(member.key(), member.revision(), wanted, measured, snapshot);
    return view(member, snapshot, measured, held, mayPublish);
  }

  /** The last look, as it is recorded. */
  RecordedRound recorded() {
    return recorded;
  }

  private void takeIn(
      List<PodState> pods, Map<URI, Scrape.Result<EngineReading>> pages, Instant now) {
    Set<String> there = new HashSet<>();
    for (PodState pod : pods) {
      there.add(uid(pod));
      PodAddress.metrics(pod)
          .map(pages::get)
          .filter(page -> page.value() != null)
          .ifPresent(page ->
              readings.computeIfAbsent(uid(pod), uid -> new PodReadings()).add(now, page.value()));
    }
    readings.keySet().retainAll(there);
  }

  /** Another model, accelerator, quantization or version can do something else. */
  private void forgetOther(String wanted) {
    if (!revision.isEmpty() && !wanted.isEmpty() && !wanted.equals(revision)) {
      benchmark = Capacity.UNKNOWN;
    }
    revision = wanted.isEmpty() ? revision : wanted;
  }

  /** The mean of what the replicas say; what was known where none says anything now. */
  private Capacity measure(List<PodState> pods, Instant now) {
    Collection<PodReadings> fresh = fresh(pods, now);
    if (!fresh.isEmpty()) {
      benchmark =
          Capacity.measured(
              mean(fresh, EngineReading::promptCapacity, benchmark.promptTokensPerSecond()),
              mean(fresh, EngineReading::outputCapacity, benchmark.outputTokensPerSecond()),
              mean(fresh, EngineReading::kvCapacityTokens, benchmark.kvTokens()));
    }
    return benchmark;
  }

  private static double mean(
      Collection<PodReadings> pods,
      Function<EngineReading, OptionalDouble> what,
      double otherwise) {
    return pods.stream()
        .map(pod -> what.apply(pod.last().orElseThrow()))
        .filter(OptionalDouble::isPresent)
        .mapToDouble(OptionalDouble::getAsDouble)
        .average()
        .orElse(otherwise);
  }

  private List<PodReadings> fresh(List<PodState> pods, Instant now) {
    return pods.stream()
        .filter(pod -> isFresh(pod, now))
        .map(pod -> readings.get(uid(pod)))
        .toList();
  }

  private boolean isFresh(PodState pod, Instant now) {
    return Optional.ofNullable(readings.get(uid(pod)))
        .flatMap(PodReadings::readAt)
        .filter(readAt -> !readAt.plus(staleAfter).isBefore(now))
        .isPresent();
  }

  private TelemetrySnapshot snapshot(Member member, Held held, Instant now) {
    int mostRunning =
        member.resource().getSpec() == null
            ? 0
            : Optional.ofNullable(member.resource().getSpec().runtime().maxNumSeqs()).orElse(0);
    List<Replica> replicas = member.pods().stream().map(pod -> replica(pod, mostRunning)).toList();
    return new TelemetrySnapshot(now, replicas, held.requests(), held.promptTokens());
  }

  private Replica replica(PodState pod, int mostRunning) {
    Optional<PodReadings> known = Optional.ofNullable(readings.get(uid(pod)));
    Instant since = pod.unschedulableSince().orElseGet(pod::since);
    return new Replica(
        pod.pod().getMetadata().getName(),
        state(pod),
        since,
        known.flatMap(reading -> reading.load(mostRunning, RATE_OVER)),
        known.flatMap(PodReadings::readAt).orElse(since));
  }

  private static Replica.State state(PodState pod) {
    if (!pod.isLive() || pod.drainingSince().isPresent()) {
      return Replica.State.DRAINING;
    }
    if (pod.isStarted() || pod.isReady()) {
      return Replica.State.SERVING;
    }
    return pod.unschedulableSince().isPresent()
        ? Replica.State.UNSCHEDULABLE
        : Replica.State.STARTING;
  }

  /** An invalid spec leaves the last valid one in effect. */
  private void scale(Member member, TelemetrySnapshot snapshot, Capacity measured, Held held) {
    var spec = member.resource().getSpec();
    if (SpecValidator.problems(member.key().name(), spec).isEmpty()) {
      terms = Optional.ofNullable(spec.scaling());
    }
    track = terms.map(scaling -> next(member, snapshot, measured, held, scaling));
  }

  private ScalingTrack next(
      Member member,
      TelemetrySnapshot snapshot,
      Capacity measured,
      Held held,
      ScalingSpec scaling) {
    ScalingTrack before =
        track.orElseGet(
            () -> ScalingTrack.begin(member.revision(), member.replicas(), snapshot.at()));
    boolean mayBeZero =
        held.holder() == Holder.THERE || (held.holder() == Holder.SILENT && before.desired() == 0);
    ScalingPolicy policy = ScalingTerms.policy(scaling, mayBeZero, staleAfter);
    return before
        .of(member.revision())
        .next(snapshot, ScalingTerms.capacity(scaling.targets(), measured), policy);
  }

  private DeploymentView view(
      Member member, TelemetrySnapshot snapshot, Capacity measured, Held held, boolean mayPublish) {
    Instant now = snapshot.at();
    DeploymentView.Pods pods = count(member, snapshot, now);
    Collection<PodReadings> fresh = fresh(member.pods(), now);
    Figures figures = Figures.of(fresh, held.requests(), pods.unreadable());
    Capacity capacity =
        track
            .flatMap(ScalingTrack::latest)
            .map(decision -> decision.recommendation().inputs().capacity())
            .orElse(measured);
    return new DeploymentView(
        now,
        figures,
        capacity,
        track,
        work(member.pods(), now),
        pods,
        lastRead(snapshot),
        held.holder() == Holder.NONE && terms.filter(t -> t.minReplicas() == 0).isPresent(),
        publisher.publish(
            figures, capacity, Cards.status(fresh), track, measured, now, mayPublish));
  }

  private DeploymentView.Pods count(Member member, TelemetrySnapshot snapshot, Instant now) {
    return new DeploymentView.Pods(
        member.replicas(),
        (int) member.pods().stream().filter(PodState::isServing).count(),
        (int) snapshot.count(Replica.State.STARTING),
        (int) snapshot.count(Replica.State.DRAINING),
        (int) snapshot.replicas().stream().filter(r -> r.isStale(now, staleAfter)).count(),
        (int) snapshot.count(Replica.State.UNSCHEDULABLE));
  }

  private Map<String, Double> work(List<PodState> pods, Instant now) {
    return pods.stream()
        .filter(pod -> isFresh(pod, now))
        .collect(
            Collectors.toMap(
                DeploymentWatch::uid,
                pod -> {
                  EngineReading last = readings.get(uid(pod)).last().orElseThrow();
                  return last.running() + last.waiting();
                }));
  }

  private static Instant lastRead(TelemetrySnapshot snapshot) {
    return snapshot.replicas().stream()
        .filter(replica -> replica.state() == Replica.State.SERVING)
        .map(Replica::readAt)
        .min(Instant::compareTo)
        .orElse(snapshot.at());
  }

  private static String uid(PodState pod) {
    return pod.pod().getMetadata().getUid();
  }
}
