package dev.kvasir.operator.inferencedeployment.status;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.api.v1alpha1.Phase;
import dev.kvasir.operator.kube.EventReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ConditionsDocumentTest {

  @Test
  void everyReasonAndPhaseIsExplained() throws IOException {
    String document = Files.readString(Path.of("CONDITIONS.md"));
    Stream.of(
            Arrays.stream(Reason.values()).map(Reason::toString),
            Arrays.stream(Phase.values()).map(Phase::toString),
            Arrays.stream(EventReason.values()).map(EventReason::text))
        .flatMap(names -> names)
        .forEach(name -> assertTrue(document.contains("\n| " + name + " |"), name));
  }
}
