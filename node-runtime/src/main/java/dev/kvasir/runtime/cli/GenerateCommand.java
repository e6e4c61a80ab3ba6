package dev.kvasir.runtime.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runtime.engine.EngineStarter;
import dev.kvasir.runtime.engine.GenerationEvent;
import dev.kvasir.runtime.engine.GenerationRequest;
import dev.kvasir.runtime.engine.GenerationStream;
import dev.kvasir.runtime.engine.RequestRejectedException;
import dev.kvasir.runtime.engine.StartedEngine;
import dev.kvasir.runtime.sampling.SamplingParameters;
import dev.kvasir.runtime.tokenizer.StreamingDetokenizer;
import dev.kvasir.runtime.tokenizer.Tokenizer;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code generate}: one prompt, its continuation, no server. */
@Command(
    name = "generate",
    description = "Continues a prompt and prints what comes.",
    mixinStandardHelpOptions = true)
final class GenerateCommand implements Callable<Integer> {
  @Mixin private ModelFlags model;
  @Mixin private LogFlags logs;

  @ArgGroup(exclusive = true, multiplicity = "1")
  private Prompt prompt;

  /** Text, or token ids. */
  static final class Prompt {
    @Option(names = "--prompt", paramLabel = "TEXT", description = "The prompt.")
    private String text;

    @Option(
        names = "--prompt-token-ids",
        split = ",",
        paramLabel = "ID",
        description = "The prompt as token ids: 1,2,3.")
    private List<Integer> tokenIds;
  }

  @Option(
      names = "--max-tokens",
      defaultValue = "16",
      paramLabel = "N",
      description = "Most tokens to generate. Default: ${DEFAULT-VALUE}.")
  private int maxTokens;

  @Option(
      names = "--temperature",
      defaultValue = "0",
      paramLabel = "T",
      description = "0 takes the most likely token. Default: ${DEFAULT-VALUE}.")
  private double temperature;

  @Option(
      names = "--logprobs",
      paramLabel = "N",
      description = "With --json: log-probabilities of the N most likely tokens, 0 to 20.")
  private Integer logprobs;

  @Option(names = "--ignore-eos", description = "Go on behind an end-of-sequence token.")
  private boolean ignoreEos;

  @Option(names = "--json", description = "Print token ids, text and log-probabilities as JSON.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    logs.configure();
    SamplingParameters sampling = sampling();
    if (maxTokens < 1) {
      throw error("--max-tokens must be at least 1, got " + maxTokens);
    }
    TextSide text = TextSide.load(model.options().model());
    try (StartedEngine started = EngineStarter.start(model.options())) {
      Set<Integer> stops = ignoreEos ? Set.of() : started.model().eosTokenIds();
      GenerationRequest request =
          new GenerationRequest(
              "generate", promptIds(text.tokenizer()), sampling, maxTokens, stops);
      run(started.engine().submit(request), request, text.tokenizer());
      return 0;
    } catch (RequestRejectedException e) {
      throw new CommandFailedException(e.getMessage());
    }
  }

  private SamplingParameters sampling() {
    if (logprobs != null && !json) {
      throw error("--logprobs needs --json");
    }
    try {
      int top = logprobs == null ? SamplingParameters.NO_LOGPROBS : logprobs;
      return new SamplingParameters(temperature, 1, 0, model.seed(), top);
    } catch (IllegalArgumentException e) {
      throw error("--" + e.getMessage());
    }
  }

  private ParameterException error(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private int[] promptIds(Tokenizer tokenizer) {
    return prompt.text == null
        ? prompt.tokenIds.stream().mapToInt(Integer::intValue).toArray()
        : tokenizer.encode(prompt.text, true);
  }

  private void run(GenerationStream stream, GenerationRequest request, Tokenizer tokenizer)
      throws InterruptedException, CommandFailedException {
    StreamingDetokenizer detokenizer =
        new StreamingDetokenizer(tokenizer, request.promptTokenIds(), true);
    List<GenerationEvent.Token> tokens = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    GenerationEvent.Finished end = null;
    while (end == null) {
      switch (stream.next(Duration.ofSeconds(1))) {
        case null -> {}
        case GenerationEvent.Prompt scored -> throw unexpected(scored);
        case GenerationEvent.HiddenState state -> throw unexpected(state);
        case GenerationEvent.Finished finished -> end = finished;
        case GenerationEvent.Token token -> {
          tokens.add(token);
          boolean stops = request.stopTokenIds().contains(token.id());
          print(stops ? "" : detokenizer.append(token.id()), text);
        }
      }
    }
    print(detokenizer.finish(), text);
    if (end.message() != null) {
      throw new CommandFailedException(end.message());
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println(json ? json(request, tokens, text.toString(), end).toPrettyString() : "");
    out.flush();
  }

  private static IllegalStateException unexpected(GenerationEvent event) {
    return new IllegalStateException("not asked for: " + event);
  }

  private void print(String part, StringBuilder text) {
    text.append(part);
    if (!json) {
      spec.commandLine().getOut().print(part);
      spec.commandLine().getOut().flush();
    }
  }

  private ObjectNode json(
      GenerationRequest request,
      List<GenerationEvent.Token> tokens,
      String text,
      GenerationEvent.Finished end) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    ArrayNode promptIds = root.putArray("prompt_token_ids");
    for (int id : request.promptTokenIds()) {
      promptIds.add(id);
    }
    ArrayNode ids = root.putArray("token_ids");
    tokens.forEach(token -> ids.add(token.id()));
    root.put("text", text);
    root.put("finish_reason", end.reason().name().toLowerCase(Locale.ROOT));
    if (logprobs != null) {
      ArrayNode chosen = root.putArray("logprobs");
      ArrayNode top = root.putArray("top_logprobs");
      for (GenerationEvent.Token token : tokens) {
        chosen.add(token.logprob());
        ArrayNode row = top.addArray();
        token.top().forEach(other -> row.addArray().add(other.id()).add(other.logprob()));
      }
    }
    return root;
  }
}
