package dev.kvasir.runtime.cli;

import dev.kvasir.runtime.engine.EngineOptions;
import dev.kvasir.runtime.engine.EngineStarter;
import dev.kvasir.runtime.engine.ModelSummary;
import dev.kvasir.runtime.engine.StartedEngine;
import dev.kvasir.runtime.http.Admission;
import dev.kvasir.runtime.http.ApiKeys;
import dev.kvasir.runtime.http.GrammarSource;
import dev.kvasir.runtime.http.HttpLimits;
import dev.kvasir.runtime.http.ReplyFormats;
import dev.kvasir.runtime.http.RuntimeServer;
import dev.kvasir.runtime.http.RuntimeState;
import dev.kvasir.runtime.http.ServedModel;
import dev.kvasir.runtime.metrics.RuntimeMetrics;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code serve}: listens, loads, serves, drains. */
@Command(
    name = "serve",
    description = "Serves a model through an OpenAI-compatible API.",
    mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
  private static final System.Logger LOG = System.getLogger(ServeCommand.class.getName());

  @Mixin private ModelFlags model;
  @Mixin private ServerFlags flags;
  @Mixin private LogFlags logs;

  @Override
  public Integer call() throws Exception {
    logs.configure();
    EngineOptions options = model.options();
    Admission admission = new Admission(Clock.systemUTC(), flags.drainDelay);
    RuntimeState state = new RuntimeState(flags.stepTimeout);
    RuntimeMetrics metrics = new RuntimeMetrics(names().getFirst(), admission);
    metrics.stage("jvm", sinceProcessStart());
    Shutdown shutdown = Shutdown.onSignals(admission, flags.drainTimeout);
    try (RuntimeServer server = listen(state, admission, metrics)) {
      LOG.log(
          Level.INFO,
          "listening on {0}, port {1}, admin port {2}",
          flags.host,
          String.valueOf(server.apiPort()),
          String.valueOf(server.adminPort()));
      try (StartedEngine started = load(options, state, metrics, shutdown)) {
        shutdown.await();
        shutdown.drainUnlessFailed();
        LOG.log(Level.DEBUG, "closing {0}", started.deviceName());
      }
      shutdown.finish();
    }
    return 0;
  }

  private List<String> names() {
    return flags.servedModelNames.isEmpty()
        ? List.of(model.location().name())
        : flags.servedModelNames;
  }

  private RuntimeServer listen(RuntimeState state, Admission admission, RuntimeMetrics metrics)
      throws CommandFailedException {
    RuntimeServer.Settings settings =
        new RuntimeServer.Settings(
            new InetSocketAddress(flags.host, flags.port),
            new InetSocketAddress(flags.host, flags.adminPort),
            HttpLimits.standard(),
            keys(flags.apiKeyFile),
            keys(flags.adminTokenFile),
            Build.version(),
            metrics::text);
    try {
      return RuntimeServer.start(settings, state, admission, metrics.observer());
    } catch (IOException e) {
      throw new CommandFailedException(
          "can't listen on "
              + flags.host
              + ", ports "
              + flags.port
              + " and "
              + flags.adminPort
              + ": "
              + e.getMessage());
    }
  }

  private static ApiKeys keys(Path file) throws CommandFailedException {
    try {
      return file == null ? ApiKeys.none() : ApiKeys.read(file);
    } catch (IOException e) {
      throw new CommandFailedException("the file of keys can't be used: " + e);
    }
  }

  private StartedEngine load(
      EngineOptions options, RuntimeState state, RuntimeMetrics metrics, Shutdown shutdown)
      throws CommandFailedException {
    TextSide text = TextSide.load(options.model(), flags.chatTemplate);
    ReplyFormats replies = replies(text);
    StartedEngine started = EngineStarter.start(options);
    shutdown.watch(started.engine());
    metrics.engineStarted(
        started, names().getFirst(), new RuntimeMetrics.BuildInfo(Build.version(), Build.commit()));
    state.serving(served(started, text, replies, options.model()));
    LOG.log(
        Level.INFO,
        "ready: {0} after {1} s",
        String.join(", ", names()),
        String.format(Locale.ROOT, "%.2f", sinceProcessStart().toMillis() / 1e3));
    if (flags.measureCapacity) {
      started.engine().measureCapacity();
    }
    return started;
  }

  private ReplyFormats replies(TextSide text) throws CommandFailedException {
    try {
      return ReplyFormats.of(
          text.template(), flags.toolCallParser, flags.reasoningParser, flags.autoToolChoice);
    } catch (IllegalArgumentException e) {
      throw new CommandFailedException(e.getMessage());
    }
  }

  private ServedModel served(
      StartedEngine started, TextSide text, ReplyFormats replies, Path checkpoint) {
    return new ServedModel(
        names(),
        started.engine(),
        text.tokenizer(),
        text.template(),
        replies,
        new GrammarSource(checkpoint),
        defaults(started.model()),
        System.currentTimeMillis() / 1000);
  }

  /** OpenAI's defaults where the checkpoint recommends nothing. */
  private static ServedModel.Defaults defaults(ModelSummary model) {
    ModelSummary.GenerationDefaults recommended = model.defaults();
    return new ServedModel.Defaults(
        recommended.temperature().orElse(1),
        recommended.topP().orElse(1),
        recommended.topK().orElse(0),
        recommended.minP().orElse(0),
        recommended.repetitionPenalty().orElse(1),
        model.eosTokenIds());
  }

  private static Duration sinceProcessStart() {
    Instant now = Instant.now();
    return Duration.between(ProcessHandle.current().info().startInstant().orElse(now), now);
  }
}
