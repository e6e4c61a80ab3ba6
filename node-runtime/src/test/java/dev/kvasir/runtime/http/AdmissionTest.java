package dev.kvasir.runtime.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class AdmissionTest {

  @Test
  void theTimeOfADrainCountsFromItsBeginning() throws Exception {
    AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    Admission admission = new Admission(new TestingClock(now), Duration.ofSeconds(5));
    admission.enter();
    admission.drain();
    now.set(Instant.EPOCH.plusSeconds(600));
    long start = System.nanoTime();
    assertEquals(1, admission.awaitDrained(Duration.ofMinutes(10)));
    assertTrue(System.nanoTime() - start < Duration.ofSeconds(5).toNanos(), "it waited again");
  }

  private static final class TestingClock extends Clock {
    private final AtomicReference<Instant> now;

    TestingClock(AtomicReference<Instant> now) {
      this.now = now;
    }

    @Override
    public Instant instant() {
      return now.get();
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
