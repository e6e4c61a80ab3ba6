package dev.kvasir.runtime.http;

import dev.kvasir.runtime.engine.Engine;
import dev.kvasir.runtime.engine.EngineLimits;
import dev.kvasir.runtime.engine.EngineListener;
import dev.kvasir.runtime.engine.EngineStats;
import dev.kvasir.runtime.engine.FinishReason;
import dev.kvasir.runtime.engine.GenerationEvent;
import dev.kvasir.runtime.engine.GenerationEvent.TokenLogprob;
import dev.kvasir.runtime.engine.GenerationRequest;
import dev.kvasir.runtime.engine.GenerationStream;
import dev.kvasir.runtime.engine.RequestRejectedException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntBiFunction;

/** An engine without a model: what it "generates" is a function of the prompt and the position. */
final class TestingEngine implements Engine {
  static final EngineLimits LIMITS = new EngineLimits(320, 1000, 256, 512, 16, 16, 100);
  private static final int BUFFER = 256;

  private final Set<Stream> running = ConcurrentHashMap.newKeySet();
  private volatile ToIntBiFunction<int[], Integer> script = (prompt, i) -> 'a' + 5;
  private volatile Duration pace = Duration.ZERO;
  private volatile RequestRejectedException rejection;
  private volatile String failure;
  private volatile int failAfter = Integer.MAX_VALUE;
  private volatile double stepAge;
  private volatile GenerationRequest last;
  private volatile EngineLimits limits = LIMITS;

  /** What came in last. */
  GenerationRequest last() {
    return last;
  }

  /** The token at each output position of a prompt. */
  void script(ToIntBiFunction<int[], Integer> tokens) {
    script = tokens;
  }

  /** Output is these tokens, then the EOS. */
  void answer(int[] tokens, int eos) {
    script = (prompt, i) -> i < tokens.length ? tokens[i] : eos;
  }

  void pace(Duration betweenTokens) {
    pace = betweenTokens;
  }

  void reject(RequestRejectedException.Reason reason, String message) {
    rejection = new RequestRejectedException(reason, message);
  }

  /** Every request ends with an error after so many tokens. */
  void failAfter(int tokens) {
    failAfter = tokens;
  }

  void maxModelLen(int tokens) {
    limits = new EngineLimits(320, tokens, 256, 512, 16, 16, 100);
  }

  void stop(String why) {
    failure = why;
  }

  void stepAge(double seconds) {
    stepAge = seconds;
  }

  int running() {
    return running.size();
  }

  @Override
  public GenerationStream submit(GenerationRequest request) throws RequestRejectedException {
    if (rejection != null) {
      throw rejection;
    }
    last = request;
    Stream stream = new Stream(request);
    running.add(stream);
    Thread.ofVirtual().start(stream::generate);
    return stream;
  }

  @Override
  public EngineLimits limits() {
    return limits;
  }

  @Override
  public EngineStats stats() {
    return new EngineStats(
        running.size(),
        0,
        0,
        0,
        100 - running.size(),
        0,
        running.size(),
        running.size() / 100.0,
        0,
        0,
        0,
        1,
        stepAge,
        0,
        failure);
  }

  @Override
  public void addListener(EngineListener listener) {
    throw new UnsupportedOperationException("nobody listens in these tests");
  }

  @Override
  public void close() {
    running.forEach(Stream::cancel);
  }

  private final class Stream implements GenerationStream {
    private final GenerationRequest request;
    private final BlockingQueue<GenerationEvent> events = new LinkedBlockingQueue<>();
    private volatile boolean cancelled;

    Stream(GenerationRequest request) {
      this.request = request;
    }

    void generate() {
      FinishReason reason = FinishReason.LENGTH;
      prompt();
      for (int i = 0; i < request.maxTokens(); i++) {
        pause();
        if (cancelled || events.size() >= BUFFER) {
          reason = FinishReason.ABORT;
          break;
        }
        if (i >= failAfter) {
          reason = FinishReason.ERROR;
          break;
        }
        int token = script.applyAsInt(request.promptTokenIds(), i);
        events.add(token(token));
        if (request.stopTokenIds().contains(token)) {
          reason = FinishReason.STOP;
          break;
        }
      }
      running.remove(this);
      String message = reason == FinishReason.ERROR ? "the step failed" : null;
      events.add(new GenerationEvent.Finished(reason, message));
    }

    /** In two parts, as an engine may give it. */
    private void prompt() {
      if (request.wantsHiddenState()) {
        events.add(
            new GenerationEvent.HiddenState(new float[] {3, request.promptTokenIds().length}));
      }
      int top = request.sampling().promptLogprobs();
      int length = request.promptTokenIds().length;
      if (top >= 0) {
        prompt(1, length / 2, top);
        prompt(Math.max(1, length / 2), length, top);
      }
    }

    private void prompt(int from, int to, int top) {
      if (from < to) {
        List<GenerationEvent.Token> tokens =
            Arrays.stream(request.promptTokenIds(), from, to)
                .mapToObj(id -> token(id, top))
                .toList();
        int[] ranks = new int[to - from];
        Arrays.fill(ranks, 1);
        events.add(new GenerationEvent.Prompt(tokens, ranks));
      }
    }

    private GenerationEvent.Token token(int id) {
      return token(id, request.sampling().topLogprobs());
    }

    private static GenerationEvent.Token token(int id, int top) {
      return top < 0
          ? new GenerationEvent.Token(id, Float.NaN, List.of())
          : new GenerationEvent.Token(
              id, -0.5f, List.of(new TokenLogprob(id, -0.5f)).subList(0, Math.min(top, 1)));
    }

    private void pause() {
      try {
        Thread.sleep(pace);
      } catch (InterruptedException e) {
        cancelled = true;
      }
    }

    @Override
    public GenerationEvent next(Duration timeout) throws InterruptedException {
      return events.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void cancel() {
      cancelled = true;
    }

    @Override
    public int cachedPromptTokens() {
      return 0;
    }
  }
}
