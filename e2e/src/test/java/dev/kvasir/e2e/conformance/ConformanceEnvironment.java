package dev.kvasir.e2e.conformance;

import dev.kvasir.e2e.Eventually;
import dev.kvasir.e2e.controlplane.ControlPlane;
import dev.kvasir.e2e.controlplane.ControlPlaneException;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Starts a control plane for a test class and gives each test a sandbox of its own on it. */
final class ConformanceEnvironment
    implements BeforeAllCallback, AfterAllCallback, ParameterResolver {
  /** How a control plane is started; where it can't be had, the message says why. */
  interface Starter {
    ControlPlane start() throws ControlPlaneException, InterruptedException, IOException;
  }

  private static final String[] DEFINITIONS = {
    "/conformance/widgets.yaml",
    "/META-INF/fabric8/inferencedeployments.inference.kvasir.dev-v1.yml"
  };

  private final Starter starter;
  private ControlPlane plane;
  private KubernetesClient client;

  ConformanceEnvironment(Starter starter) {
    this.starter = starter;
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    plane = starter.start();
    client = plane.client();
    for (String definition : DEFINITIONS) {
      define(definition);
    }
  }

  /** A starter's way to skip the tests: with a line that a user sees. */
  static void skip(String why) {
    System.out.println("skipped: " + why);
    Assumptions.abort(why);
  }

  private void define(String resource) throws IOException {
    try (InputStream yaml = ConformanceEnvironment.class.getResourceAsStream(resource)) {
      CustomResourceDefinition definition =
          client.apiextensions().v1().customResourceDefinitions().load(yaml).create();
      Eventually.holds(
          definition.getMetadata().getName() + " is served", () -> isServed(definition));
    }
  }

  private boolean isServed(CustomResourceDefinition definition) {
    var spec = definition.getSpec();
    String path =
        "/apis/%s/%s/%s"
            .formatted(
                spec.getGroup(),
                spec.getVersions().getFirst().getName(),
                spec.getNames().getPlural());
    return new Api(client).get(path).status() == 200;
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (client != null) {
      client.close();
    }
    if (plane != null) {
      plane.close();
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Sandbox.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    var sandbox = Sandbox.create(plane, client);
    context.getStore(Namespace.create(ConformanceEnvironment.class)).put(Sandbox.class, sandbox);
    return sandbox;
  }
}
