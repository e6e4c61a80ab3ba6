package dev.kvasir.runtime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kvasir.runtime.engine.Engine;
import dev.kvasir.runtime.engine.EngineLimits;
import dev.kvasir.runtime.engine.EngineListener;
import dev.kvasir.runtime.engine.EngineStats;
import dev.kvasir.runtime.engine.GenerationRequest;
import dev.kvasir.runtime.engine.GenerationStream;
import dev.kvasir.runtime.http.Admission;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class ShutdownTest {
  private static final String WHY = "waiting for the GPU: illegal_address (700)";

  @Test
  void anEngineThatStopsEndsTheProcessWithOneLine() throws Exception {
    Shutdown shutdown = shutdown();
    TestingEngine engine = new TestingEngine();
    shutdown.watch(engine);
    Thread.ofVirtual().start(() -> engine.listener.onFailed(WHY));

    assertStops(shutdown);
  }

  @Test
  void anEngineThatHadStoppedBeforeAnybodyListenedDoesToo() throws Exception {
    Shutdown shutdown = shutdown();
    TestingEngine engine = new TestingEngine();
    engine.failure = WHY;
    shutdown.watch(engine);

    assertStops(shutdown);
  }

  private static Shutdown shutdown() {
    Admission admission = new Admission(Clock.systemUTC(), Duration.ofSeconds(5));
    return new Shutdown(admission, Duration.ofMinutes(10));
  }

  private static void assertStops(Shutdown shutdown) throws InterruptedException {
    shutdown.await();
    shutdown.drainUnlessFailed();
    CommandFailedException end = assertThrows(CommandFailedException.class, shutdown::finish);
    assertEquals("the engine has stopped: " + WHY, end.getMessage());
  }

  private static final class TestingEngine implements Engine {
    private EngineListener listener;
    private String failure;

    @Override
    public void addListener(EngineListener added) {
      listener = added;
    }

    @Override
    public EngineStats stats() {
      return new EngineStats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, failure);
    }

    @Override
    public GenerationStream submit(GenerationRequest request) {
      throw new UnsupportedOperationException();
    }

    @Override
    public EngineLimits limits() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }
}
