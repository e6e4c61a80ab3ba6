package dev.kvasir.e2e.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A started program, leader of its own session. */
public final class Child {
  private final Process process;

  Child(Process process) {
    this.process = process;
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Standard output and standard error, as the builder joined or redirected them. */
  public InputStream output() {
    return process.getInputStream();
  }

  /** The exit status; 128 + n where signal n ended the program. */
  public int waitFor() throws InterruptedException {
    return process.waitFor();
  }

  public boolean waitFor(Duration timeout) throws InterruptedException {
    return process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  public int exitStatus() {
    return process.exitValue();
  }

  public CompletableFuture<Child> onExit() {
    return process.onExit().thenApply(ended -> this);
  }

  /** SIGTERM to the program itself; what it started is its own affair until {@link #kill}. */
  public void terminate() {
    process.destroy();
  }

  /**
   * SIGKILL to the program and to everything left in its session's process group. What an ended
   * program wrote last can still be read, so its streams are left open.
   */
  public void kill() {
    if (process.isAlive()) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.toHandle().destroyForcibly();
    }
    killGroup();
  }

  /** SIGTERM, and SIGKILL for what is left when the grace period ends. */
  public void stop(Duration grace) throws InterruptedException {
    terminate();
    waitFor(grace);
    kill();
    waitFor(Duration.ofSeconds(5));
  }

  private void killGroup() {
    try {
      new ProcessBuilder("sh", "-c", "kill -s KILL -- -" + pid() + " 2>/dev/null")
          .redirectErrorStream(true)
          .start()
          .waitFor(5, TimeUnit.SECONDS);
    } catch (IOException e) {
      throw new UncheckedIOException("can't run sh to kill process group " + pid(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
