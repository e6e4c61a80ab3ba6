package dev.kvasir.operator;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The operator's settings: properties kvasir.*, or the environment as KVASIR_*. */
@ConfigMapping(prefix = "kvasir")
public interface OperatorConfig {

  /** What this process does. */
  @WithDefault("operator")
  Role role();

  NodeRuntime runtime();

  LeaderElection leaderElection();

  Telemetry telemetry();

  Console console();

  /** The namespaces to watch; all where none is named. */
  Optional<List<String>> namespaces();

  /** The namespace that the operator's own pods run in, for NetworkPolicies and the Lease. */
  Optional<String> operatorNamespace();

  /** The runtime that pods run. */
  interface NodeRuntime {
    /** For InferenceDeployments that name no image. */
    String image();
  }

  /** How pods are asked for their load. */
  interface Telemetry {
    /** Between two rounds over all pods. */
    @WithDefault("2s")
    Duration interval();

    /** For one pod's page. */
    @WithDefault("1s")
    Duration timeout();

    /** The most bytes of one pod's page. */
    @WithDefault("1048576")
    long maxBytes();

    /** From when on a reading says nothing of now. */
    @WithDefault("10s")
    Duration staleAfter();

    /**
     * Pages of metrics of those who hold requests while a deployment has no pod, for example
     * http://kvasir-gateway-pods:8000/metrics; all addresses of a name are read.
     */
    Optional<List<URI>> holders();
  }

  /** The page for people. */
  interface Console {
    /** A file with the token that the page asks for; without it there is no page. */
    Optional<Path> tokenFile();

    /**
     * Where the chat box asks, for example http://kvasir-gateway:8000. Without it, each
     * deployment's Service.
     */
    Optional<URI> gateway();

    /** How far back the charts of a page go that is opened now. */
    @WithDefault("10m")
    Duration history();
  }

  /** Which of several operators acts. */
  interface LeaderElection {
    @WithDefault("false")
    boolean enabled();

    @WithDefault("kvasir-operator")
    String leaseName();

    /** How long others wait for a leader that is silent. */
    @WithDefault("15s")
    Duration leaseDuration();

    /** How long a leader tries to renew before it gives up and exits. */
    @WithDefault("10s")
    Duration renewDeadline();

    @WithDefault("2s")
    Duration retryPeriod();
  }
}
