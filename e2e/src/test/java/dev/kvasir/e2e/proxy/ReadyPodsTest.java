package dev.kvasir.e2e.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReadyPodsTest {
  private static final Pod READY = pod();

  @Test
  void aReadyPodServesByNumberByNameAndByDefault() {
    assertEquals(
        List.of(new Backend("127.1.2.3", 9000)), backends(service(new IntOrString(9000)), READY));
    assertEquals(
        List.of(new Backend("127.1.2.3", 8000)), backends(service(new IntOrString("http")), READY));
    assertEquals(List.of(new Backend("127.1.2.3", 80)), backends(service(null), READY));
    assertEquals(List.of(), backends(service(new IntOrString("metrics")), READY));
  }

  @Test
  void othersDoNotServe() {
    Service service = service(null);
    assertEquals(
        List.of(),
        backends(service, edit(READY).editMetadata().withNamespace("other").endMetadata().build()));
    assertEquals(
        List.of(),
        backends(
            service, edit(READY).editMetadata().removeFromLabels("serving").endMetadata().build()));
    assertEquals(
        List.of(),
        backends(
            service,
            edit(READY)
                .editMetadata()
                .withDeletionTimestamp("2026-01-01T00:00:00Z")
                .endMetadata()
                .build()));
    assertEquals(
        List.of(),
        backends(service, edit(READY).editStatus().withConditions().endStatus().build()));
    assertEquals(
        List.of(), backends(service, edit(READY).editStatus().withPodIP(null).endStatus().build()));
  }

  private static List<Backend> backends(Service service, Pod pod) {
    return ReadyPods.backends(service, service.getSpec().getPorts().getFirst(), List.of(pod));
  }

  private static PodBuilder edit(Pod pod) {
    return new PodBuilder(pod);
  }

  private static Service service(IntOrString target) {
    return new ServiceBuilder()
        .withNewMetadata()
        .withNamespace("default")
        .withName("sample")
        .endMetadata()
        .withNewSpec()
        .addToSelector("app", "sample")
        .addToSelector("serving", "true")
        .addNewPort()
        .withPort(80)
        .withTargetPort(target)
        .endPort()
        .endSpec()
        .build();
  }

  private static Pod pod() {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace("default")
        .withName("pod")
        .addToLabels("app", "sample")
        .addToLabels("serving", "true")
        .endMetadata()
        .withNewSpec()
        .addNewContainer()
        .addNewPort()
        .withName("http")
        .withContainerPort(8000)
        .endPort()
        .endContainer()
        .endSpec()
        .withNewStatus()
        .withPodIP("127.1.2.3")
        .addNewCondition()
        .withType("Ready")
        .withStatus("True")
        .endCondition()
        .endStatus()
        .build();
  }
}
