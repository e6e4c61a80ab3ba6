package dev.kvasir.runtime.metrics;

import dev.kvasir.runtime.engine.EngineListener;
import dev.kvasir.runtime.engine.FinishReason;
import dev.kvasir.runtime.engine.GenerationRequest;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Histogram;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.DoubleStream;

/** vLLM's counters and histograms, from what the engine reports. */
final class RequestMetrics implements EngineListener {
  private static final double[] FIRST_TOKEN = {
    .001, .005, .01, .02, .04, .06, .08, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640,
    2560
  };

  /** vLLM's bounds begin at 10 ms; ours below that are needed for a fast device. */
  private static final double[] BETWEEN_TOKENS = {
    .001, .002, .003, .004, .005, .006, .008, .01, .025, .05, .075, .1, .15, .2, .3, .4, .5, .75, 1,
    2.5, 5, 7.5, 10, 20, 40, 80
  };

  private static final double[] REQUEST = {
    .3, .5, .8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680
  };

  private static final double[] CHOICES = {1, 2, 5, 10, 20};

  private static final double[] STEP_TOKENS = {
    1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384
  };

  private final CollectorRegistry registry;
  private final String model;
  private final Set<GenerationRequest> stoppedByString = ConcurrentHashMap.newKeySet();

  private final Counter.Child promptTokens;
  private final Counter.Child cachedPromptTokens;
  private final Counter.Child generationTokens;
  private final Counter success;
  private final Histogram.Child stepTokens;
  private final Histogram.Child firstToken;
  private final Histogram.Child betweenTokens;
  private final Histogram.Child perOutputToken;
  private final Histogram.Child endToEnd;
  private final Histogram.Child queue;
  private final Histogram.Child prefill;
  private final Histogram.Child decode;
  private final Histogram.Child inference;
  private final Histogram.Child choices;
  private Lengths lengths;

  /** Histograms whose bounds depend on the longest request. */
  private record Lengths(
      Histogram.Child prompt,
      Histogram.Child generated,
      Histogram.Child longest,
      Histogram.Child maxTokens) {}

  RequestMetrics(CollectorRegistry registry, String model) {
    this.registry = registry;
    this.model = model;
    promptTokens = counter("vllm:prompt_tokens", "Prompt tokens processed.");
    cachedPromptTokens =
        counter("vllm:prompt_tokens_cached", "Prompt tokens found in the prefix cache.");
    generationTokens = counter("vllm:generation_tokens", "Tokens generated.");
    success =
        Counter.build("vllm:request_success", "Requests that ended, by how.")
            .labelNames("model_name", "engine", "finished_reason")
            .register(registry);
    List.of("stop", "length", "abort", "error").forEach(this::ended);
    stepTokens = histogram("vllm:iteration_tokens_total", "Tokens of a step.", STEP_TOKENS);
    firstToken =
        histogram("vllm:time_to_first_token_seconds", "Time to the first token.", FIRST_TOKEN);
    betweenTokens =
        histogram("vllm:inter_token_latency_seconds", "Time between two tokens.", BETWEEN_TOKENS);
    perOutputToken =
        histogram(
            "vllm:request_time_per_output_token_seconds",
            "Mean time per output token of a request, after its first.",
            BETWEEN_TOKENS);
    endToEnd = histogram("vllm:e2e_request_latency_seconds", "Time from arrival to end.", REQUEST);
    queue = histogram("vllm:request_queue_time_seconds", "Time in the waiting queue.", REQUEST);
    prefill =
        histogram("vllm:request_prefill_time_seconds", "Time from queue to first token.", REQUEST);
    decode =
        histogram("vllm:request_decode_time_seconds", "Time from first to last token.", REQUEST);
    choices = histogram("vllm:request_params_n", "n of a request.", CHOICES);
    inference =
        histogram("vllm:request_inference_time_seconds", "Time from queue to end.", REQUEST);
  }

  /** The bounds of these go up to the longest request. */
  void startRequestLengths(int maxModelLen) {
    double[] bounds = oneTwoFive(maxModelLen);
    lengths =
        new Lengths(
            histogram("vllm:request_prompt_tokens", "Prompt tokens of a request.", bounds),
            histogram("vllm:request_generation_tokens", "Tokens a request generated.", bounds),
            histogram(
                "vllm:request_max_num_generation_tokens",
                "Tokens of a request's longest choice.",
                bounds),
            histogram("vllm:request_params_max_tokens", "max_tokens of a request.", bounds));
  }

  private static double[] oneTwoFive(int most) {
    DoubleStream.Builder bounds = DoubleStream.builder();
    for (long power = 1; power <= most; power *= 10) {
      for (int digit : new int[] {1, 2, 5}) {
        if (digit * power <= most) {
          bounds.add(digit * (double) power);
        }
      }
    }
    return bounds.build().toArray();
  }

  private Counter.Child counter(String name, String help) {
    return Counter.build(name, help)
        .labelNames("model_name", "engine")
        .register(registry)
        .labels(model, EngineCollector.ENGINE);
  }

  private Histogram.Child histogram(String name, String help, double[] bounds) {
    return Histogram.build(name, help)
        .labelNames("model_name", "engine")
        .buckets(bounds)
        .register(registry)
        .labels(model, EngineCollector.ENGINE);
  }

  private Counter.Child ended(String reason) {
    return success.labels(model, EngineCollector.ENGINE, reason);
  }

  /** The engine will report this one as aborted: it was stopped because it had succeeded. */
  void stoppedByString(GenerationRequest request) {
    stoppedByString.add(request);
  }

  /** Choices of a prompt, which are requests of their own to the engine. */
  void promptAnswered(int n, int mostOutputTokens) {
    choices.observe(n);
    lengths.longest().observe(mostOutputTokens);
  }

  void betweenTokens(long nanos) {
    betweenTokens.observe(nanos / 1e9);
  }

  @Override
  public void onStep(int rows, int promptTokens, int outputTokens) {
    this.promptTokens.inc(promptTokens);
    generationTokens.inc(outputTokens);
    stepTokens.observe(rows);
  }

  @Override
  public void onFinished(RequestReport report) {
    boolean stopped = stoppedByString.remove(report.request());
    ended(reason(report.reason(), stopped)).inc();
    promptTokens.inc(report.cachedPromptTokens());
    cachedPromptTokens.inc(report.cachedPromptTokens());
    lengths.prompt().observe(report.request().promptTokenIds().length);
    lengths.generated().observe(report.outputTokens());
    lengths.maxTokens().observe(report.request().maxTokens());
    times(report);
  }

  private static String reason(FinishReason reason, boolean stoppedByString) {
    return switch (reason) {
      case STOP -> "stop";
      case LENGTH -> "length";
      case ABORT -> stoppedByString ? "stop" : "abort";
      case ERROR -> "error";
    };
  }

  private void times(RequestReport report) {
    if (report.scheduled() == 0) {
      return;
    }
    queue.observe(seconds(report.arrived(), report.scheduled()));
    if (report.firstToken() == 0) {
      return;
    }
    firstToken.observe(seconds(report.arrived(), report.firstToken()));
    prefill.observe(seconds(report.scheduled(), report.firstToken()));
    decode.observe(seconds(report.firstToken(), report.lastToken()));
    inference.observe(seconds(report.scheduled(), report.lastToken()));
    endToEnd.observe(seconds(report.arrived(), report.lastToken()));
    if (report.outputTokens() > 1) {
      double mean = seconds(report.firstToken(), report.lastToken()) / (report.outputTokens() - 1);
      perOutputToken.observe(mean);
    }
  }

  private static double seconds(long from, long to) {
    return (to - from) / 1e9;
  }
}
