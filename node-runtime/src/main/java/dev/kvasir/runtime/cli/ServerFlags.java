package dev.kvasir.runtime.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The flags of {@code serve} beside the model's. */
final class ServerFlags {
  @Option(
      names = "--served-model-name",
      paramLabel = "NAME",
      description = "The model's name in the API; may be given several times.")
  List<String> servedModelNames = new ArrayList<>();

  @Option(
      names = "--host",
      defaultValue = "0.0.0.0",
      paramLabel = "H",
      description = "Address to listen on. Default: ${DEFAULT-VALUE}.")
  String host;

  @Option(
      names = "--port",
      defaultValue = "8000",
      paramLabel = "N",
      description = "The API's port; 0 takes a free one. Default: ${DEFAULT-VALUE}.")
  int port;

  @Option(
      names = "--admin-port",
      defaultValue = "8001",
      paramLabel = "N",
      description = "Port for draining; 0 takes a free one. Default: ${DEFAULT-VALUE}.")
  int adminPort;

  @Option(
      names = "--api-key-file",
      paramLabel = "FILE",
      description = "Keys that the API takes as bearer tokens, one a line. Default: no key.")
  Path apiKeyFile;

  @Option(
      names = "--admin-token-file",
      paramLabel = "FILE",
      description = "Bearer tokens for the admin port, one a line. Default: no token.")
  Path adminTokenFile;

  @Option(
      names = "--chat-template",
      paramLabel = "FILE",
      description = "A chat template in place of the model's own.")
  Path chatTemplate;

  @Option(
      names = "--tool-call-parser",
      defaultValue = "auto",
      paramLabel = "NAME",
      description =
          "How the model writes the calls of tools: vLLM's names (hermes, llama3_json, mistral, ...),"
              + " none, or auto: what its chat template shows.")
  String toolCallParser;

  @Option(
      names = "--reasoning-parser",
      defaultValue = "auto",
      paramLabel = "NAME",
      description =
          "How the model writes its reasoning: qwen3, deepseek_r1, mistral, none, or auto.")
  String reasoningParser;

  @Option(
      names = "--enable-auto-tool-choice",
      negatable = true,
      arity = "0..1",
      fallbackValue = "true",
      defaultValue = "true",
      paramLabel = "true|false",
      description = "Whether requests may offer tools. Default: ${DEFAULT-VALUE}.")
  boolean autoToolChoice;

  @Option(
      names = "--step-timeout",
      defaultValue = "60s",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description =
          "How long no step may end while work waits before /health/live fails. Default:"
              + " ${DEFAULT-VALUE}.")
  Duration stepTimeout;

  @Option(
      names = "--measure-capacity",
      negatable = true,
      arity = "0..1",
      fallbackValue = "true",
      defaultValue = "true",
      paramLabel = "true|false",
      description =
          "Measure once, in about a second while nothing else runs, the tokens per second that this"
              + " server can do, for the autoscaler. Default: ${DEFAULT-VALUE}.")
  boolean measureCapacity;

  @Option(
      names = "--drain-delay",
      defaultValue = "5s",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "How long a draining server still takes requests. Default: ${DEFAULT-VALUE}.")
  Duration drainDelay;

  @Option(
      names = "--drain-timeout",
      defaultValue = "600s",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "How long SIGTERM waits for running requests. Default: ${DEFAULT-VALUE}.")
  Duration drainTimeout;
}
