package dev.kvasir.e2e.node;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Writes events; one that is repeated is counted up instead of written again. Never holds up its
 * caller.
 */
final class EventRecorder implements PodEvents {
  private static final System.Logger LOG = System.getLogger(EventRecorder.class.getName());
  private static final int REMEMBERED = 500;

  private final KubernetesClient client;
  private final String nodeName;
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

  EventRecorder(KubernetesClient client, String nodeName, Clock clock) {
    this.client = client;
    this.nodeName = nodeName;
    this.clock = clock;
  }

  @Override
  public void emit(Pod pod, Severity severity, String reason, String message) {
    writer.execute(() -> write(pod, severity, reason, message));
  }

  private void write(Pod pod, Severity severity, String reason, String message) {
    var key = new Key(pod.getMetadata().getUid(), reason, message);
    try {
      Event before = recent.get(key);
      Event event = before == null ? first(pod, severity, reason, message) : again(before);
      var events = client.v1().events().inNamespace(pod.getMetadata().getNamespace());
      recent.put(
          key, before == null ? events.resource(event).create() : events.resource(event).update());
    } catch (KubernetesClientException e) {
      recent.remove(key);
      LOG.log(
          System.Logger.Level.DEBUG,
          "event " + reason + " for pod " + pod.getMetadata().getName() + ": " + e.getMessage());
    }
  }

  private Event first(Pod pod, Severity severity, String reason, String message) {
    String now = PodStatuses.time(clock.instant());
    String suffix = UUID.randomUUID().toString().substring(0, 13).replace("-", "");
    return new EventBuilder()
        .withNewMetadata()
        .withName(pod.getMetadata().getName() + "." + suffix)
        .withNamespace(pod.getMetadata().getNamespace())
        .endMetadata()
        .withNewInvolvedObject()
        .withApiVersion("v1")
        .withKind("Pod")
        .withName(pod.getMetadata().getName())
        .withNamespace(pod.getMetadata().getNamespace())
        .withUid(pod.getMetadata().getUid())
        .endInvolvedObject()
        .withType(severity.name())
        .withReason(reason)
        .withMessage(message)
        .withNewSource("kubelet", nodeName)
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
        .withLastTimestamp(PodStatuses.time(clock.instant()))
        .build();
  }

  private record Key(String podUid, String reason, String message) {}
}
