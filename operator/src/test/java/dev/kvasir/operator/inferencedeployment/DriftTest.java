package dev.kvasir.operator.inferencedeployment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DriftTest {
  private static final Service WANTED =
      new ServiceBuilder()
          .withNewMetadata()
          .withName("sample")
          .endMetadata()
          .withNewSpec()
          .withSelector(Map.of("a", "b"))
          .addNewPort()
          .withPort(8000)
          .endPort()
          .endSpec()
          .build();

  @Test
  void whatTheServerAddsIsNoDrift() {
    Service stored =
        new ServiceBuilder(Drift.marked(WANTED))
            .editMetadata()
            .withResourceVersion("7")
            .addToAnnotations("others", "too")
            .endMetadata()
            .editSpec()
            .withClusterIP("10.0.0.7")
            .editFirstPort()
            .withProtocol("TCP")
            .endPort()
            .endSpec()
            .build();
    assertTrue(isThere(WANTED, stored));
  }

  @Test
  void whatOthersChangeIsDrift() {
    Service changed =
        new ServiceBuilder(Drift.marked(WANTED))
            .editSpec()
            .editFirstPort()
            .withPort(9000)
            .endPort()
            .endSpec()
            .build();
    assertFalse(isThere(WANTED, changed));
  }

  @Test
  void whatIsNoLongerWantedIsDrift() {
    Service more = new ServiceBuilder(WANTED).editSpec().addToSelector("c", "d").endSpec().build();
    Service stored = Drift.marked(more);
    assertFalse(isThere(WANTED, stored), "the selector still has c=d");
    assertTrue(isThere(more, stored));
  }

  @Test
  void whatIsNotThereIsDrift() {
    assertFalse(Drift.isThere(Drift.marked(WANTED), Optional.empty()));
  }

  @Test
  void theMarkDoesNotTouchWhatItMarks() {
    HasMetadata marked = Drift.marked(WANTED);
    assertEquals(Map.of(), WANTED.getMetadata().getAnnotations());
    assertTrue(marked.getMetadata().getAnnotations().containsKey(Drift.APPLIED));
  }

  private static boolean isThere(Service wanted, Service stored) {
    return Drift.isThere(Drift.marked(wanted), Optional.of(stored));
  }
}
