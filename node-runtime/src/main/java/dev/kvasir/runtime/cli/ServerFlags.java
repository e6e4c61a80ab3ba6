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
