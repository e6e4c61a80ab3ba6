package dev.kvasir.runtime.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class KernelModulesTest {

  @Test
  void aDriverOfTheSameMajorVersionOrALaterOneWillDo() {
    assertEquals(Optional.empty(), KernelModules.objection(13000, "13.0"));
    assertEquals(Optional.empty(), KernelModules.objection(13000, "12.8\n"));
    assertEquals(Optional.empty(), KernelModules.objection(12040, "12.8"));
  }

  @Test
  void anOlderDriverIsRefusedWithBothVersions() {
    String message = KernelModules.objection(12040, "13.0").orElseThrow();
    assertTrue(message.contains("CUDA 12.4") && message.contains("CUDA 13.0"), message);
  }
}
