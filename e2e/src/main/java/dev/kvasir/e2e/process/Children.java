package dev.kvasir.e2e.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Starts programs that end with this JVM, however it ends. Each gets a session of its own, so that
 * a terminal's Ctrl-C reaches only us, and the kernel kills it when the thread that started it is
 * gone (which is why one thread starts them all).
 */
public final class Children implements AutoCloseable {
  private static final Duration CLOSING_GRACE = Duration.ofSeconds(2);

  private final ExecutorService starter =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("process-starter").factory());
  private final Set<Child> running = ConcurrentHashMap.newKeySet();
  private final List<String> prefix = prefix();

  /** Starts the builder's command; fails where the program can't be executed. */
  public Child start(ProcessBuilder builder) throws IOException {
    requireExecutable(builder);
    var command = new ArrayList<>(prefix);
    command.addAll(builder.command());
    builder.command(command);
    Child child = new Child(startOnStarter(builder));
    running.add(child);
    var _ = child.onExit().thenAccept(running::remove);
    return child;
  }

  /** Ends every program: SIGTERM to all, two seconds, SIGKILL to what is left. */
  @Override
  public void close() {
    List<Child> left = List.copyOf(running);
    left.forEach(Child::terminate);
    awaitExit(left, CLOSING_GRACE);
    left.forEach(Child::kill);
    awaitExit(left, CLOSING_GRACE);
    starter.shutdown();
  }

  private Process startOnStarter(ProcessBuilder builder) throws IOException {
    try {
      return CompletableFuture.supplyAsync(() -> startUnchecked(builder), starter).join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof UncheckedIOException io
          ? io.getCause()
          : new IOException(e.getCause());
    }
  }

  private static Process startUnchecked(ProcessBuilder builder) {
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void awaitExit(List<Child> children, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    try {
      for (Child child : children) {
        child.waitFor(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** setpriv and setsid replace themselves by the program, so the process is the program's own. */
  private static List<String> prefix() {
    var prefix = new ArrayList<String>();
    onPath("setpriv")
        .ifPresent(path -> prefix.addAll(List.of(path.toString(), "--pdeathsig", "KILL")));
    onPath("setsid").ifPresent(path -> prefix.add(path.toString()));
    return prefix;
  }

  /**
   * With a wrapper in front, a missing program would otherwise look like one that ran and failed.
   */
  private static void requireExecutable(ProcessBuilder builder) throws IOException {
    String program = builder.command().getFirst();
    boolean found =
        program.contains("/") ? isProgram(Path.of(program)) : onPath(program).isPresent();
    if (!found) {
      throw new IOException("no executable program '" + program + "'");
    }
  }

  private static Optional<Path> onPath(String name) {
    return Arrays.stream(System.getenv().getOrDefault("PATH", "/usr/bin:/bin").split(":"))
        .filter(entry -> !entry.isEmpty())
        .map(entry -> Path.of(entry, name))
        .filter(Children::isProgram)
        .findFirst();
  }

  private static boolean isProgram(Path path) {
    return Files.isExecutable(path) && Files.isRegularFile(path);
  }
}
