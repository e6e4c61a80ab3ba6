package dev.kvasir.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Clients that ask again when they are answered, at once or after a pause, until closed. */
final class TestingLoad implements AutoCloseable {
  private static final String QUESTION = "What is 17 + 25? ".repeat(8).strip();
  private static final int TOKENS = 150;
  private static final Duration AFTER_A_FAILURE = Duration.ofMillis(200);

  private final ChatClient chat;
  private final Duration pause;
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final AtomicInteger answers = new AtomicInteger();
  private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
  private volatile boolean ended;

  TestingLoad(ChatClient chat, int count) {
    this(chat, count, Duration.ZERO);
  }

  TestingLoad(ChatClient chat, int count, Duration pause) {
    this.chat = chat;
    this.pause = pause;
    for (int i = 0; i < count; i++) {
      clients.execute(this::keepAsking);
    }
  }

  private void keepAsking() {
    try {
      while (!ended) {
        ask();
        Thread.sleep(pause);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void ask() throws InterruptedException {
    try {
      var _ = chat.stream(QUESTION, TOKENS);
      answers.incrementAndGet();
    } catch (IOException | UncheckedIOException e) {
      failures.add(e.toString());
      Thread.sleep(AFTER_A_FAILURE);
    }
  }

  int answers() {
    return answers.get();
  }

  /** Why streams did not come to their regular end. */
  List<String> failures() {
    return List.copyOf(failures);
  }

  void awaitAnswers(int count) {
    Eventually.check(
        Duration.ofSeconds(60),
        () -> {
          if (answers() < count) {
            throw new AssertionError("only " + answers() + " answers; failures: " + failures);
          }
        });
  }

  /** Lets every client have its last answer. */
  @Override
  public void close() {
    ended = true;
    clients.close();
  }
}
