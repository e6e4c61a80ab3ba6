package dev.kvasir.runtime.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class CallsTest {
  @Test
  void aMachineWithoutAGpuSaysWhatIsMissing() {
    assumeFalse(Files.exists(Path.of("/dev/nvidiactl")), "this machine has a GPU");
    CudaException refused = assertThrows(CudaException.class, () -> Gpu.open(0));
    assertEquals(100, refused.code());
    assertTrue(refused.getMessage().contains("libcuda.so.1"), refused.getMessage());
  }

  @Test
  void errorsNameTheOperationAndTheRemedy() {
    CudaException full =
        assertThrows(
            CudaException.class, () -> Calls.check(2, "taking %d bytes for %s", 7, "weights"));
    assertTrue(
        full.getMessage().startsWith("taking 7 bytes for weights: out_of_memory (2)"),
        full.getMessage());
    assertTrue(full.getMessage().contains("--gpu-memory-utilization"), full.getMessage());
    assertFalse(full.isLost());
    assertTrue(assertThrows(CudaException.class, () -> Calls.check(700, "waiting")).isLost());
  }
}
