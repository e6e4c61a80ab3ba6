package dev.kvasir.runtime.http;

import dev.kvasir.runtime.engine.GenerationRequest;
import dev.kvasir.runtime.engine.GenerationStream;
import dev.kvasir.runtime.engine.RequestRejectedException;
import dev.kvasir.runtime.tokenizer.StreamingDetokenizer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The choices of one request while they are generated. Each has a reader of its own; what they read
 * meets in one bounded queue, so a client that reads slowly stalls its own readers only, and then
 * the engine gives the request up.
 */
public final class Generation implements AutoCloseable {
  private static final int QUEUE = 64;

  private final List<Choice> choices = new ArrayList<>();
  private final List<Thread> readers = new ArrayList<>();
  private final BlockingQueue<Delta> deltas = new ArrayBlockingQueue<>(QUEUE);
  private final Observer observer;
  private int running;

  /** Hears what only the reader of the tokens knows. */
  public interface Observer {
    /** A stop string ended it, which the engine can't tell from a cancellation. */
    void stoppedByString(GenerationRequest request);

    /** A prompt with n choices is done; the longest of them has so many tokens. */
    void promptAnswered(int n, int mostOutputTokens);

    /** Time between a token and the one before it in the same choice. */
    void betweenTokens(long nanos);
  }

  private Generation(Observer observer) {
    this.observer = observer;
  }

  /** Submits all sequences, or none where the engine refuses one of them. */
  static Generation start(ServedModel model, Ask ask, Observer observer) throws ApiException {
    Generation generation = new Generation(observer);
    try {
      for (GenerationRequest request : ask.requests()) {
        generation.add(model, ask, request);
      }
    } catch (RequestRejectedException e) {
      generation.close();
      throw rejected(e, ask.promptField());
    }
    generation.read();
    return generation;
  }

  private void add(ServedModel model, Ask ask, GenerationRequest request)
      throws RequestRejectedException {
    GenerationStream stream = model.engine().submit(request);
    choices.add(
        new Choice(
            choices.size(),
            request,
            stream,
            new StreamingDetokenizer(
                model.tokenizer(), request.promptTokenIds(), ask.details().skipSpecialTokens()),
            ask.stops(),
            model.defaults().eosTokenIds(),
            observer));
  }

  static ApiException rejected(RequestRejectedException e, String promptField) {
    return switch (e.reason()) {
      case CONTEXT_LENGTH_EXCEEDED -> ApiException.contextLength(promptField, e.getMessage());
      case INVALID -> ApiException.invalid(promptField, e.getMessage());
      case QUEUE_FULL -> ApiException.tooManyRequests(e.getMessage());
      case UNAVAILABLE -> ApiException.unavailable("engine_unavailable", e.getMessage());
    };
  }

  private void read() {
    running = choices.size();
    for (Choice choice : choices) {
      readers.add(Thread.ofVirtual().start(() -> read(choice)));
    }
  }

  private void read(Choice choice) {
    try {
      Delta delta;
      do {
        delta = choice.next();
        deltas.put(delta);
      } while (delta.end() == null);
    } catch (InterruptedException e) {
      choice.cancel();
    }
  }

  /** The next news of any choice; null where none came in time. Not to be called once over. */
  Delta next(Duration patience) throws InterruptedException {
    Delta delta = deltas.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
    if (delta != null && delta.end() != null) {
      running--;
    }
    return delta;
  }

  boolean isOver() {
    return running == 0;
  }

  /** A prompt counts once, however many choices it has. */
  Usage usage(int choicesPerPrompt) {
    int prompt = 0;
    int output = 0;
    int cached = 0;
    for (int i = 0; i < choices.size(); i++) {
      Choice choice = choices.get(i);
      output += choice.outputTokens();
      if (i % choicesPerPrompt == 0) {
        prompt += choice.request().promptTokenIds().length;
        cached += choice.cachedPromptTokens();
      }
    }
    return new Usage(prompt, output, cached);
  }

  /** Tells how many choices each prompt had, and the most tokens one of them came to. */
  void report(int choicesPerPrompt) {
    for (int first = 0; first < choices.size(); first += choicesPerPrompt) {
      observer.promptAnswered(
          choicesPerPrompt,
          choices.subList(first, first + choicesPerPrompt).stream()
              .mapToInt(Choice::outputTokens)
              .max()
              .orElse(0));
    }
  }

  /** Token counts of a request. */
  record Usage(int promptTokens, int outputTokens, int cachedPromptTokens) {}

  /** Gives up what still runs. */
  @Override
  public void close() {
    choices.forEach(Choice::cancel);
    readers.forEach(Thread::interrupt);
  }
}
