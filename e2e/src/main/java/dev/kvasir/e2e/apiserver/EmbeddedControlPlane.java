package dev.kvasir.e2e.apiserver;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.kvasir.e2e.apiserver.kinds.KindCatalog;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import dev.kvasir.e2e.apiserver.resource.ResourceRegistry;
import dev.kvasir.e2e.apiserver.rest.ApiServer;
import dev.kvasir.e2e.apiserver.schema.ModelSchemas;
import dev.kvasir.e2e.apiserver.store.ObjectStore;
import dev.kvasir.e2e.apiserver.write.Deleter;
import dev.kvasir.e2e.apiserver.write.ObjectWriter;
import dev.kvasir.e2e.apiserver.write.WriteOptions;
import dev.kvasir.e2e.controlplane.ControlPlane;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The API server of a local cluster, within this process, on a loopback address. */
public final class EmbeddedControlPlane implements ControlPlane {
  private static final int TOKEN_BYTES = 24;
  private static final int BACKLOG = 128;

  static {
    // Read once by the JDK's server; small events of a watch must not wait for an acknowledgement.
    setIfAbsent("sun.net.httpserver.nodelay", "true");
    setIfAbsent("sun.net.httpserver.maxIdleConnections", "1000");
    setIfAbsent("sun.net.httpserver.maxReqHeaders", "100");
  }

  private final ObjectStore store = new ObjectStore();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpsServer server;
  private final Janitor janitor;
  private final Path kubeconfig;

  private EmbeddedControlPlane(int port, Path directory) throws IOException {
    Clock clock = Clock.systemUTC();
    ResourceRegistry registry = new ResourceRegistry(new ModelSchemas());
    KindCatalog kinds = new KindCatalog(registry, clock);
    ObjectWriter writer = new ObjectWriter(store, kinds, clock);
    Deleter deleter = new Deleter(store, kinds, clock);
    createNamespaces(writer, registry);

    LoopbackCertificate certificate = LoopbackCertificate.create(clock.instant());
    String token = token();
    server =
        HttpsServer.create(
            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), BACKLOG);
    server.setHttpsConfigurator(new HttpsConfigurator(certificate.context()));
    server.setExecutor(threads);
    server.createContext("/", new ApiServer(token, registry, store, writer, deleter, clock));
    server.start();
    try {
      kubeconfig = Kubeconfig.write(directory, url(), token, certificate.pemBase64());
    } catch (GeneralSecurityException e) {
      throw new IOException("the server's certificate can't be encoded", e);
    }
    janitor = Janitor.start(store, registry, writer, deleter);
  }

  /**
   * Starts an empty cluster.
   *
   * @param port the port on 127.0.0.1; 0 takes a free one
   * @param directory where the kubeconfig is written
   */
  public static EmbeddedControlPlane start(int port, Path directory) throws IOException {
    return new EmbeddedControlPlane(port, directory);
  }

  @Override
  public String url() {
    return "https://127.0.0.1:" + server.getAddress().getPort();
  }

  @Override
  public Path kubeconfig() {
    return kubeconfig;
  }

  @Override
  public void close() {
    janitor.close();
    store.close();
    server.stop(0);
    threads.shutdownNow();
  }

  private static void createNamespaces(ObjectWriter writer, ResourceRegistry registry) {
    for (String name : List.of("default", "kube-system")) {
      KubeObject namespace =
          new KubeObject(Json.object().put("apiVersion", "v1").put("kind", "Namespace"));
      namespace.metadata().put("name", name);
      writer.create(
          registry.builtIn("", "v1", "namespaces"),
          "",
          namespace,
          WriteOptions.internal("kube-apiserver"));
    }
  }

  private static String token() {
    byte[] random = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(random);
    return HexFormat.of().formatHex(random);
  }

  private static void setIfAbsent(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
