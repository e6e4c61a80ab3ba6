package dev.kvasir.runtime.http;

import java.io.IOException;
import java.lang.System.Logger.Level;

/** {@code /drain} of the admin port. */
final class DrainEndpoint {
  private static final System.Logger LOG = System.getLogger(DrainEndpoint.class.getName());

  private final RuntimeState state;
  private final Admission admission;

  DrainEndpoint(RuntimeState state, Admission admission) {
    this.state = state;
    this.admission = admission;
  }

  void begin(Call call) throws IOException {
    admission.drain();
    LOG.log(Level.INFO, "draining; requests inside: " + admission.inside());
    report(call, 202);
  }

  void undo(Call call) throws IOException {
    admission.undoDrain();
    LOG.log(Level.INFO, "not draining any more");
    report(call, 200);
  }

  void show(Call call) throws IOException {
    report(call, 200);
  }

  /**
   * Counts requests that are inside, which the engine's own figures lag behind by a step: running
   * and waiting are both 0 only where nothing is left.
   */
  private void report(Call call, int status) throws IOException {
    int inside = admission.inside();
    int waiting = Math.min(inside, state.model().map(m -> m.engine().stats().waiting()).orElse(0));
    String name =
        admission.isDrained() ? "drained" : admission.isDraining() ? "draining" : "serving";
    call.send(
        status,
        JsonText.newObject()
            .put("state", name)
            .put("running", inside - waiting)
            .put("waiting", waiting));
  }
}
