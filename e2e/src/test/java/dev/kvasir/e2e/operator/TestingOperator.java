package dev.kvasir.e2e.operator;

import dev.kvasir.e2e.Eventually;
import dev.kvasir.e2e.controlplane.ControlPlane;
import dev.kvasir.e2e.controlplane.FreePort;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The real operator as a process, with the rights that the chart gives it and no more. */
final class TestingOperator {
  static final Path ROOT = Path.of("..");
  private static final String NAMESPACE = "kvasir-system";
  private static final String SERVICE_ACCOUNT = "kvasir-operator";

  private final Path log;
  private final Path kubeconfig;
  private final int port;
  private Process process;

  private TestingOperator(Path directory, Path kubeconfig) throws IOException {
    this.log = directory.resolve("operator.log");
    this.kubeconfig = kubeconfig;
    this.port = FreePort.choose();
  }

  /** Installs manifests/install.yaml, and starts the program under the service account of it. */
  static TestingOperator install(ControlPlane plane, Path directory)
      throws IOException, InterruptedException {
    try (KubernetesClient admin = plane.client();
        InputStream manifest = Files.newInputStream(ROOT.resolve("manifests/install.yaml"))) {
      admin.load(manifest).items().stream()
          .filter(object -> !object.getKind().equals("Deployment"))
          .forEach(object ->
              admin.resource(object).fieldManager("installer").forceConflicts().serverSideApply());
      Path kubeconfig = directory.resolve("operator.kubeconfig");
      Files.writeString(kubeconfig, kubeconfig(plane, token(admin)));
      TestingOperator operator = new TestingOperator(directory, kubeconfig);
      operator.start();
      return operator;
    }
  }

  private static String token(KubernetesClient admin) {
    TokenRequest request =
        new TokenRequestBuilder().withNewSpec().withExpirationSeconds(3600L).endSpec().build();
    return admin
        .serviceAccounts()
        .inNamespace(NAMESPACE)
        .withName(SERVICE_ACCOUNT)
        .tokenRequest(request)
        .getStatus()
        .getToken();
  }

  /** The administrator's with another token. */
  private static String kubeconfig(ControlPlane plane, String token) throws IOException {
    var config =
        Serialization.unmarshal(
            Files.readString(plane.kubeconfig()), io.fabric8.kubernetes.api.model.Config.class);
    config.getUsers().getFirst().getUser().setToken(token);
    return Serialization.asYaml(config);
  }

  void start() throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(ROOT.resolve("operator/bin/operator").toAbsolutePath().toString());
    builder
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().put("KUBECONFIG", kubeconfig.toString());
    builder.environment().put("QUARKUS_HTTP_HOST", "127.0.0.1");
    builder.environment().put("QUARKUS_HTTP_PORT", Integer.toString(port));
    builder.environment().put("KVASIR_OPERATOR_NAMESPACE", NAMESPACE);
    builder.environment().put("KVASIR_RUNTIME_IMAGE", "registry.example/node-runtime:1");
    process = builder.start();
    Eventually.holds("the operator is ready", this::isReady, this::log);
  }

  /** Ends it as a node would, and starts it again. */
  void restart() throws IOException, InterruptedException {
    stop();
    start();
  }

  String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** The operator's own count of reconciliations that ended well. */
  double reconciliations() {
    return get("/metrics")
        .lines()
        .filter(line -> line.startsWith("kvasir_operator_reconciles_total{result=\"success\""))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private boolean isReady() {
    return get("/q/health/ready").contains("\"status\": \"UP\"");
  }

  private String get(String path) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(5))
            .build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  void stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }
}
