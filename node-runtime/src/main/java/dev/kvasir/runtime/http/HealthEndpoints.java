package dev.kvasir.runtime.http;

import java.io.IOException;
import java.util.Optional;

/** What probes ask: is it up, does it move, may it get requests. */
final class HealthEndpoints {
  private final RuntimeState state;
  private final Admission admission;

  HealthEndpoints(RuntimeState state, Admission admission) {
    this.state = state;
    this.admission = admission;
  }

  /** Alive is who makes progress: loading, idle or stepping. */
  void live(Call call) throws ApiException, IOException {
    requireProgress();
    ok(call, "live");
  }

  void startup(Call call) throws ApiException, IOException {
    state.requireModel();
    ok(call, "started");
  }

  /** {@code /health}, as vLLM has it: loaded, and the engine moves. */
  void health(Call call) throws ApiException, IOException {
    state.requireModel();
    requireProgress();
    ok(call, "healthy");
  }

  void ready(Call call) throws ApiException, IOException {
    state.requireModel();
    requireProgress();
    if (admission.isDraining()) {
      throw ApiException.unavailable("draining", "this replica is draining");
    }
    ok(call, "ready");
  }

  private void requireProgress() throws ApiException {
    Optional<String> stuck = state.stuck();
    if (stuck.isPresent()) {
      throw ApiException.unavailable("stuck", stuck.get());
    }
  }

  private static void ok(Call call, String status) throws IOException {
    call.send(200, JsonText.newObject().put("status", status));
  }
}
