package dev.kvasir.e2e.apiserver;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Serves an empty Kubernetes API until it is stopped, for trying kubectl and clients against it.
 */
@Command(
    name = "embedded-api",
    mixinStandardHelpOptions = true,
    description = "Serves an empty Kubernetes API on 127.0.0.1.")
public final class EmbeddedApiMain implements Runnable {
  @Option(
      names = "--port",
      defaultValue = "0",
      description = "Port on 127.0.0.1; 0 takes a free one (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(names = "--directory", description = "Where the kubeconfig is written.")
  private Path directory;

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new EmbeddedApiMain()).execute(arguments));
  }

  @Override
  public void run() {
    try {
      Path home = directory != null ? directory : Files.createTempDirectory("kvasir-api-");
      try (EmbeddedControlPlane plane = EmbeddedControlPlane.start(port, home)) {
        System.out.println("kubeconfig: " + plane.kubeconfig());
        new CountDownLatch(1).await();
      }
    } catch (IOException e) {
      throw new CommandLine.ExecutionException(
          new CommandLine(this), "the API can't be served: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
