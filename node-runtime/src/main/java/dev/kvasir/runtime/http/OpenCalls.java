package dev.kvasir.runtime.http;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The requests being answered. A few times a second it stops those whose client has gone, whose
 * body doesn't arrive or whose reader takes nothing.
 */
final class OpenCalls implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(OpenCalls.class.getName());
  private static final Duration PERIOD = Duration.ofMillis(250);

  private final Set<Call> open = ConcurrentHashMap.newKeySet();
  private final boolean seesConnections = ConnectionTable.isAvailable();
  private final Thread watch = Thread.ofPlatform().daemon().name("open-calls").unstarted(this::run);

  void start() {
    watch.start();
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(PERIOD);
        check();
      }
    } catch (InterruptedException e) {
      LOG.log(Level.DEBUG, "closed");
    }
  }

  /** False where as many are open as the limit allows. */
  boolean add(Call call) {
    open.add(call);
    return open.size() <= call.limits().maxCalls();
  }

  void remove(Call call) {
    open.remove(call);
  }

  private void check() {
    try {
      open.forEach(this::checkTimes);
      if (seesConnections) {
        stopAbandoned(open.stream().filter(OpenCalls::canBeAbandoned).toList());
      }
    } catch (IOException | RuntimeException e) {
      LOG.log(Level.WARNING, "looking after open requests failed", e);
    }
  }

  /**
   * The calls are chosen before the table is read: one that came in meanwhile would not be in it.
   */
  private static void stopAbandoned(List<Call> calls) throws IOException {
    if (calls.isEmpty()) {
      return;
    }
    ConnectionTable table = ConnectionTable.read();
    calls.stream().filter(call -> !table.holds(call.server(), call.client())).forEach(Call::stop);
  }

  /** Not one that only came in since the last look: most are over before the next. */
  private static boolean canBeAbandoned(Call call) {
    return call.bodyRead()
        && call.ageNanos() > PERIOD.toNanos() / 2
        && ConnectionTable.covers(call.client());
  }

  private void checkTimes(Call call) {
    HttpLimits limits = call.limits();
    long age = call.phaseAgeNanos();
    if (call.phase() == Call.Phase.READING && age > limits.bodyTimeout().toNanos()) {
      Thread.ofVirtual().start(() -> refuseSlowBody(call));
    } else if (call.phase() == Call.Phase.WRITING && age > limits.writeTimeout().toNanos()) {
      call.stop();
    }
  }

  /** The call's own thread waits in the read, so another one has to answer. */
  private static void refuseSlowBody(Call call) {
    try {
      call.sendError(
          ApiException.timeout(
              "the body did not arrive within " + call.limits().bodyTimeout().toSeconds() + " s"));
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "the slow client is gone", e);
    }
    call.stop();
  }

  @Override
  public void close() {
    watch.interrupt();
  }
}
