package dev.kvasir.runtime.cli;

import dev.kvasir.runtime.engine.Engine;
import dev.kvasir.runtime.engine.EngineListener;
import dev.kvasir.runtime.http.Admission;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** SIGTERM and Ctrl-C: drain, then go; a second Ctrl-C goes at once. */
final class Shutdown {
  private static final System.Logger LOG = System.getLogger(Shutdown.class.getName());

  /** For those that were cut to be told so. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(2);

  private static final String MESSAGE_FILE_VARIABLE = "KVASIR_TERMINATION_LOG";
  private static final Path KUBERNETES_MESSAGE_FILE = Path.of("/dev/termination-log");

  private final Admission admission;
  private final Duration timeout;
  private final CountDownLatch requested = new CountDownLatch(1);
  private final AtomicInteger interrupts = new AtomicInteger();
  private volatile boolean serving;
  private volatile String failure;
  private int cut;

  Shutdown(Admission admission, Duration timeout) {
    this.admission = admission;
    this.timeout = timeout;
  }

  static Shutdown onSignals(Admission admission, Duration timeout) {
    Shutdown shutdown = new Shutdown(admission, timeout);
    Signals.handle("TERM", shutdown::request);
    Signals.handle("INT", shutdown::interrupt);
    return shutdown;
  }

  private void interrupt() {
    if (interrupts.incrementAndGet() > 1) {
      Runtime.getRuntime().halt(130);
    }
    request();
  }

  private void request() {
    if (!serving) {
      LOG.log(Level.INFO, "stopped before the model was loaded");
      Runtime.getRuntime().halt(0);
    }
    admission.drain();
    requested.countDown();
  }

  /** An engine that stops by itself ends the process. */
  void watch(Engine engine) {
    engine.addListener(
        new EngineListener() {
          @Override
          public void onStep(int rows, int promptTokens, int outputTokens) {}

          @Override
          public void onFinished(RequestReport report) {}

          @Override
          public void onFailed(String why) {
            fail(why);
          }
        });
    if (engine.stats().failure() != null) {
      fail(engine.stats().failure());
    }
  }

  private void fail(String why) {
    cut = admission.inside();
    failure = why;
    requested.countDown();
  }

  /**
   * Waits for a signal, or for the engine to stop. Before this, one ends the process at once:
   * nobody is served yet.
   */
  void await() throws InterruptedException {
    serving = true;
    requested.await();
  }

  void drainUnlessFailed() throws InterruptedException {
    if (failure == null) {
      drain();
    }
  }

  /** Waits for what is inside; what is left at the deadline is cut when the engine closes. */
  private void drain() throws InterruptedException {
    LOG.log(Level.INFO, "draining; requests inside: " + admission.inside());
    cut = admission.awaitDrained(timeout);
    admission.cut();
  }

  /** Says how it ended; throws where it was not asked to. */
  void finish() throws InterruptedException, CommandFailedException {
    int unheard = admission.awaitEmpty(LAST_WORDS);
    if (failure != null) {
      writeMessage("{\"droppedStreams\":" + cut + "}\n");
      throw new CommandFailedException("the engine has stopped: " + failure);
    }
    String message = cut == 0 ? "drained; no stream was cut" : "cut streams: " + cut;
    LOG.log(cut == 0 ? Level.INFO : Level.WARNING, message);
    LOG.log(Level.DEBUG, "requests that were cut and took no notice: " + unheard);
    writeMessage("{\"droppedStreams\":" + cut + "}\n");
  }

  private static void writeMessage(String message) {
    String given = System.getenv(MESSAGE_FILE_VARIABLE);
    Path file = given == null ? KUBERNETES_MESSAGE_FILE : Path.of(given);
    if (given == null && !Files.isWritable(file)) {
      return;
    }
    try {
      Files.writeString(file, message);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "the termination message can't be written: " + e);
    }
  }
}
