package dev.kvasir.operator.telemetry;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Reads all pods of all deployments, round by round, and holds what is known. */
public final class FleetTelemetry {
  /** Of statuses a second, of all deployments together. */
  private static final int MOST_WRITES = 50;

  private final TelemetrySettings settings;
  private final Scrape scrape;
  private final Holders holders;
  private final TelemetryObserver observer;
  private final Clock clock;
  private final Map<DeploymentKey, DeploymentWatch> watches = new ConcurrentHashMap<>();
  private final Map<DeploymentKey, DeploymentView> views = new ConcurrentHashMap<>();
  private final Recordings recordings = new Recordings();

  public FleetTelemetry(
      TelemetrySettings settings, Pages pages, TelemetryObserver observer, Clock clock) {
    this.settings = settings;
    this.scrape = new Scrape(pages, longestRound(settings), observer::pageRead);
    this.holders = new Holders(settings.holders(), settings.staleAfter());
    this.observer = observer;
    this.clock = clock;
  }

  private static Duration longestRound(TelemetrySettings settings) {
    return settings.timeout().multipliedBy(2);
  }

  /** What is known of a deployment; empty before the first round that had it. */
  public Optional<DeploymentView> view(DeploymentKey key) {
    return Optional.ofNullable(views.get(key));
  }

  /** Requests in a pod when it was last read; 0 where it never was. */
  public double work(DeploymentKey key, String podUid) {
    return view(key).map(view -> view.work().getOrDefault(podUid, 0.0)).orElse(0.0);
  }

  public Map<DeploymentKey, DeploymentView> views() {
    return Map.copyOf(views);
  }

  public Recordings recordings() {
    return recordings;
  }

  /** Reads everything once; returns the deployments of which there is something new. */
  public List<DeploymentKey> round(List<Member> members) throws InterruptedException {
    readHolders();
    Map<URI, Scrape.Result<EngineReading>> pages =
        scrape.read(addresses(members), EngineReader::read);
    pages.values().forEach(page -> observer.pageEnded(page.error() == null));
    Instant now = clock.instant();
    List<DeploymentKey> news = new ArrayList<>();
    int writes = (int) Math.max(1, MOST_WRITES * settings.interval().toMillis() / 1000);
    for (Member member : longestUnpublishedFirst(members, now)) {
      if (look(member, pages, now, writes > 0)) {
        news.add(member.key());
        writes--;
      }
    }
    forgetOthers(members);
    return news;
  }

  private void readHolders() throws InterruptedException {
    List<URI> addresses = holders.addresses();
    Map<URI, Scrape.Result<MetricsText>> pages = scrape.read(addresses, Holders::parse);
    holders.take(List.copyOf(pages.values()), clock.instant());
    pages.values().forEach(page -> observer.holderEnded(page.error() == null));
  }

  private static Set<URI> addresses(List<Member> members) {
    return members.stream()
        .flatMap(member -> member.pods().stream())
        .flatMap(pod -> PodAddress.metrics(pod).stream())
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private List<Member> longestUnpublishedFirst(List<Member> members, Instant now) {
    members.forEach(member ->
        watches.compute(
            member.key(),
            (key, watch) ->
                watch != null && watch.isOf(member)
                    ? watch
                    : new DeploymentWatch(member, settings.staleAfter(), now)));
    return members.stream()
        .sorted(Comparator.comparing(member -> watches.get(member.key()).publishedAt()))
        .toList();
  }

  private boolean look(
      Member member,
      Map<URI, Scrape.Result<EngineReading>> pages,
      Instant now,
      boolean mayPublish) {
    DeploymentKey key = member.key();
    DeploymentView view =
        watches.get(key).look(member, pages, holders.of(key, now), now, mayPublish);
    DeploymentView before = views.put(key, view);
    recordings.tell(key, watches.get(key)::recorded);
    view.scaling()
        .filter(track ->
            before == null || !before.scaling().map(t -> t.log()).equals(Optional.of(track.log())))
        .flatMap(track -> track.log().last())
        .ifPresent(decision -> observer.decided(key, decision));
    return before == null || view.isNewsAfter(before);
  }

  private void forgetOthers(List<Member> members) {
    Set<DeploymentKey> there = new HashSet<>();
    members.forEach(member -> there.add(member.key()));
    watches.keySet().retainAll(there);
    views.keySet().retainAll(there);
  }
}
