package dev.kvasir.operator.kube;

import dev.kvasir.api.v1alpha1.InferenceDeployment;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.jboss.logging.Logger;

/** Writes Events. One that says the same again is counted and not repeated. */
@ApplicationScoped
public class Events {
  private static final Logger LOG = Logger.getLogger(Events.class);
  private static final String COMPONENT = "kvasir-operator";

  /** The API's own limit is 1024. */
  private static final int LONGEST_MESSAGE = 1000;

  private final KubernetesClient client;

  Events(KubernetesClient client) {
    this.client = client;
  }

  /** An Event that can't be written is only logged: it must not stop what it tells of. */
  public void publish(InferenceDeployment about, EventReason reason, String message) {
    Event event = event(about, reason, shortened(message));
    try {
      write(event);
    } catch (KubernetesClientException e) {
      LOG.warnf("event %s not written: %s", event.getMetadata().getName(), e.getMessage());
    }
  }

  private void write(Event event) {
    Resource<Event> stored = client.v1().events().resource(event);
    Event earlier = stored.get();
    if (earlier == null) {
      stored.create();
    } else {
      stored.edit(old ->
          new EventBuilder(old)
              .withCount(old.getCount() == null ? 2 : old.getCount() + 1)
              .withLastTimestamp(event.getLastTimestamp())
              .build());
    }
  }

  private static Event event(InferenceDeployment about, EventReason reason, String message) {
    String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    return new EventBuilder()
        .withNewMetadata()
        .withNamespace(about.getMetadata().getNamespace())
        .withName(name(about, reason, message))
        .endMetadata()
        .withInvolvedObject(
            new ObjectReferenceBuilder()
                .withApiVersion(about.getApiVersion())
                .withKind(about.getKind())
                .withNamespace(about.getMetadata().getNamespace())
                .withName(about.getMetadata().getName())
                .withUid(about.getMetadata().getUid())
                .build())
        .withType(reason.type())
        .withReason(reason.text())
        .withMessage(message)
        .withNewSource()
        .withComponent(COMPONENT)
        .endSource()
        .withFirstTimestamp(now)
        .withLastTimestamp(now)
        .withCount(1)
        .build();
  }

  private static String name(InferenceDeployment about, EventReason reason, String message) {
    String identity = about.getMetadata().getUid() + reason + message;
    UUID hash = UUID.nameUUIDFromBytes(identity.getBytes(StandardCharsets.UTF_8));
    return about.getMetadata().getName() + "." + Long.toHexString(hash.getMostSignificantBits());
  }

  private static String shortened(String message) {
    return message.length() <= LONGEST_MESSAGE
        ? message
        : message.substring(0, LONGEST_MESSAGE) + "...";
  }
}
