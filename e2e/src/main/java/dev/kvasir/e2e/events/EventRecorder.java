package dev.kvasir.e2e.events;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Writes events; one that is repeated is counted up instead of written again. Never holds up its
 * caller.
 */
public final class EventRecorder implements ObjectEvents {
  private static final System.Logger LOG = System.getLogger(EventRecorder.class.getName());
  private static final int REMEMBERED = 500;

  private final KubernetesClient client;
  private final String component;
  private final String host;
  private final Clock clock;
  private final ExecutorService writer =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("events").factory());
  private final Map<Key, Event> recent =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Event> eldest) {
          return size() > REMEMBERED;
        }
      };

  /** {@code host} may be empty where a component belongs to no node. */
  public EventRecorder(KubernetesClient client, String component, String host, Clock clock) {
    this.client = client;
    this.component = component;
    this.host = host;
    this.clock = clock;
  }

  @Override
  public void emit(HasMetadata object, Severity severity, String reason, String message) {
    writer.execute(() -> write(object, severity, reason, message));
  }

  private void write(HasMetadata object, Severity severity, String reason, String message) {
    var key = new Key(object.getMetadata().getUid(), reason, message);
    try {
      Event before = recent.get(key);
      Event event = before == null ? first(object, severity, reason, message) : again(before);
      var events = client.v1().events().inNamespace(object.getMetadata().getNamespace());
      recent.put(
          key, before == null ? events.resource(event).create() : events.resource(event).update());
    } catch (KubernetesClientException e) {
      recent.remove(key);
      LOG.log(
          System.Logger.Level.DEBUG,
          "event " + reason + " for " + object.getMetadata().getName() + ": " + e.getMessage());
    }
  }

  private Event first(HasMetadata object, Severity severity, String reason, String message) {
    String now = now();
    String suffix = UUID.randomUUID().toString().substring(0, 13).replace("-", "");
    return new EventBuilder()
        .withNewMetadata()
        .withName(object.getMetadata().getName() + "." + suffix)
        .withNamespace(object.getMetadata().getNamespace())
        .endMetadata()
        .withNewInvolvedObject()
        .withApiVersion(object.getApiVersion())
        .withKind(object.getKind())
        .withName(object.getMetadata().getName())
        .withNamespace(object.getMetadata().getNamespace())
        .withUid(object.getMetadata().getUid())
        .endInvolvedObject()
        .withType(severity.name())
        .withReason(reason)
        .withMessage(message)
        .withNewSource(component, host)
        .withFirstTimestamp(now)
        .withLastTimestamp(now)
        .withCount(1)
        .build();
  }

  private Event again(Event before) {
    var metadata = before.getMetadata();
    metadata.setResourceVersion(null);
    return new EventBuilder(before)
        .withCount(before.getCount() + 1)
        .withLastTimestamp(now())
        .build();
  }

  private String now() {
    return clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private record Key(String uid, String reason, String message) {}
}
