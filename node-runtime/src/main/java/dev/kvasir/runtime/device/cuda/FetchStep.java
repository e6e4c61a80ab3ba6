package dev.kvasir.runtime.device.cuda;

/** Takes over what the host has filled in for a step. */
final class FetchStep {
  static final KernelSignature SIGNATURE =
      KernelSignature.of(
              "fetch_step",
              "fetch_step",
              "ring* slot_bytes turns* area* updates_at tables* tokens_at row_slots_at last_drawn*")
          .startingEarly();

  /** What a header has room for. */
  static final int MOST_PARTS = 64;

  private static final int THREADS = 1024;

  private final Kernel kernel;

  FetchStep(KernelModules modules) {
    kernel = modules.kernel(SIGNATURE);
  }

  /**
   * @param turns counts launches, which decides between the area's two slots on the host
   */
  void run(
      StepArea area,
      DeviceBuffer turns,
      StepArea.Part updates,
      DeviceBuffer tables,
      StepArea.Part tokens,
      StepArea.Part rowSlots,
      DeviceBuffer lastDrawn,
      Stream stream) {
    kernel
        .pointer(area.hostAddress())
        .integer(area.slotBytes())
        .pointer(turns)
        .pointer(area.device())
        .integer(updates.at())
        .pointer(tables)
        .integer(tokens.at())
        .integer(rowSlots.at())
        .pointer(lastDrawn)
        .launch(stream, Grid.of(1), THREADS);
  }
}
