package dev.kvasir.runtime.device.cuda;

import java.util.HashMap;
import java.util.Map;

/**
 * Steps that are recorded once and then started by one call. The first step of a kind runs call by
 * call, so that its kernels are loaded; the second is recorded.
 */
final class StepGraphs implements AutoCloseable {
  private final Stream stream;
  private final Map<Kind, Recording> recordings = new HashMap<>();

  /**
   * Steps that are the same calls with the same arguments.
   *
   * @param rows padding included
   * @param draws whether tokens are drawn too
   * @param keepsLogits how they are drawn
   */
  record Kind(int rows, boolean draws, boolean keepsLogits) {}

  private static final class Recording {
    private Graph graph;
  }

  StepGraphs(Stream stream) {
    this.stream = stream;
  }

  void run(Kind kind, Runnable calls) {
    Recording recording = recordings.get(kind);
    if (recording == null) {
      calls.run();
      recordings.put(kind, new Recording());
      return;
    }
    if (recording.graph == null) {
      recording.graph = stream.capture(calls);
    }
    recording.graph.launch(stream);
  }

  @Override
  public void close() {
    for (Recording recording : recordings.values()) {
      if (recording.graph != null) {
        recording.graph.close();
      }
    }
    recordings.clear();
  }
}
