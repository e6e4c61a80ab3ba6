package dev.kvasir.e2e;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The README's first command: a local cluster with a model that answers, until Ctrl-C. */
@Command(
    name = "quickstart",
    description =
        "Starts a local cluster with Kvasir's operator and a small chat model, and keeps it until Ctrl-C.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class Quickstart implements Callable<Integer>, ClusterListener {
  private static final String NAMESPACE = "default";
  private static final String SAMPLE = "sample";
  private static final int PREFERRED_PORT = 8080;
  private static final Duration READY_LIMIT = Duration.ofMinutes(2);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(20);
  private static final Duration WATCH_PROGRAMS = Duration.ofSeconds(1);

  private final long started = System.nanoTime();
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean stopping;

  @Option(
      names = "--control-plane",
      defaultValue = "embedded",
      description =
          "The Kubernetes API: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}). real is kube-apiserver and etcd, built by e2e/control-plane/build.")
  private ControlPlaneKind controlPlane;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description =
          "Where the gateway answers on 127.0.0.1, for all models (default: 8080 if it is free, else any; 0: any).")
  private Integer port;

  @Option(
      names = "--no-sample",
      description = "Start the cluster only; apply no InferenceDeployment.")
  private boolean noSample;

  @Option(names = "--verbose", description = "Show the cluster's own log here as well.")
  private boolean verbose;

  @Option(
      names = "--checkout",
      hidden = true,
      defaultValue = ".",
      description = "Root of the repository.")
  private Path checkout;

  public static void main(String[] args) {
    System.exit(
        new CommandLine(new Quickstart()).setCaseInsensitiveEnumValuesAllowed(true).execute(args));
  }

  @Override
  public Integer call() {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(stopOnSignal(Thread.currentThread()), "quickstart-stop"));
    try {
      return runInDirectory(checkout.toAbsolutePath().normalize());
    } finally {
      ended.countDown();
    }
  }

  /**
   * A signal interrupts the main thread, which cleans up; the JVM ends when that is done, or after
   * a while without it.
   */
  private Runnable stopOnSignal(Thread main) {
    return () -> {
      if (ended.getCount() == 0) {
        return;
      }
      stopping = true;
      progress("stopping");
      main.interrupt();
      try {
        boolean clean = ended.await(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS);
        progress(clean ? "stopped" : "not everything stopped in time; the rest is killed now");
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    };
  }

  private int runInDirectory(Path root) {
    try (ClusterDirectory directory = ClusterDirectory.create(root.resolve(".kvasir"))) {
      return run(root, directory);
    } catch (IOException e) {
      System.err.println("quickstart: " + e.getMessage());
      return 1;
    }
  }

  private int run(Path root, ClusterDirectory directory) throws IOException {
    ClusterLog.write(directory.path().resolve("cluster.log"), verbose);
    var options =
        new LocalClusterOptions(controlPlane, root, directory.path(), Map.of(), choosePort());
    try (LocalCluster cluster = LocalCluster.start(options, this)) {
      serve(cluster, root);
      return 0;
    } catch (InterruptedException e) {
      return 0;
    } catch (IOException | RuntimeException e) {
      return stopping ? 0 : failed(e, directory);
    }
  }

  private int failed(Exception e, ClusterDirectory directory) {
    directory.keep();
    System.err.println("quickstart: " + e.getMessage());
    System.err.println("quickstart: the logs are in " + directory.path());
    return 1;
  }

  private void serve(LocalCluster cluster, Path root) throws IOException, InterruptedException {
    if (noSample) {
      out("kubeconfig: " + cluster.kubeconfig());
      printConsole(cluster);
    } else {
      applySample(cluster, root);
      String url = new SampleWait(cluster, NAMESPACE, SAMPLE, this).await(READY_LIMIT);
      out("kubeconfig: " + cluster.kubeconfig());
      out("ready: " + url);
      printConsole(cluster);
      printExamples(cluster.kubeconfig(), url);
    }
    while (true) {
      cluster.requirePrograms();
      Thread.sleep(WATCH_PROGRAMS);
    }
  }

  private void applySample(LocalCluster cluster, Path root) throws IOException {
    Path file = root.resolve("manifests/samples/sample.yaml");
    try (InputStream yaml = Files.newInputStream(file)) {
      for (HasMetadata item : cluster.client().load(yaml).items()) {
        var _ =
            cluster
                .client()
                .resource(item)
                .inNamespace(NAMESPACE)
                .createOr(existing -> existing.update());
      }
    }
    progress("applied manifests/samples/sample.yaml");
  }

  private static void printConsole(LocalCluster cluster) {
    out("console: " + cluster.consoleUrl());
    out("console token: " + cluster.consoleToken());
  }

  private static void printExamples(Path kubeconfig, String url) {
    out("");
    out("Chat with it:");
    out("  curl -N " + url + "/chat/completions -H 'Content-Type: application/json' \\");
    out(
        "    -d '{\"model\": \"sample\", \"stream\": true, \"messages\": [{\"role\": \"user\", \"content\": \"What is 17 + 25?\"}]}'");
    out("Look at it, from another terminal:");
    out("  export KUBECONFIG=" + kubeconfig);
    out("  kubectl get infd,pods");
    out("  kubectl scale infd sample --replicas 2");
    out("  kubectl logs -f deployment/sample");
    out("Ctrl-C ends the cluster.");
  }

  private int choosePort() throws IOException {
    if (port == null) {
      return isFree(PREFERRED_PORT) ? PREFERRED_PORT : 0;
    }
    if (port != 0 && !isFree(port)) {
      throw new IOException("port " + port + " of 127.0.0.1 is in use; choose another with --port");
    }
    return port;
  }

  private static boolean isFree(int port) {
    try (var socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void progress(String line) {
    out(String.format(Locale.ROOT, "[%5.1f s] %s", (System.nanoTime() - started) / 1e9, line));
  }

  @Override
  public void serving(String namespace, String service, int localPort) {
    progress("service " + namespace + "/" + service + " at http://127.0.0.1:" + localPort);
  }

  private static void out(String line) {
    System.out.println(line);
  }
}
