package dev.kvasir.operator;

import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import io.quarkiverse.operatorsdk.runtime.api.ConfigurationServiceCustomizer;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/** Hands the operator's settings to the SDK. */
@Singleton
class SdkSettings implements ConfigurationServiceCustomizer {
  private static final Logger LOG = Logger.getLogger(SdkSettings.class);

  private final OperatorConfig config;
  private final Leadership leadership;
  private volatile boolean stopping;

  SdkSettings(OperatorConfig config, Leadership leadership) {
    this.config = config;
    this.leadership = leadership;
  }

  private void won() {
    LOG.info("this operator leads");
    leadership.won();
  }

  private void follow(String leader) {
    LOG.infof("the leader is %s", leader);
    leadership.follows(leader);
  }

  /** Before the operator is stopped: then a Lease is given up on purpose. */
  void onStop(@Observes @Priority(1) ShutdownEvent event) {
    stopping = true;
  }

  @Override
  public Consumer<ConfigurationServiceOverrider> overrider() {
    return overrider -> {
      if (config.leaderElection().enabled()) {
        overrider.withLeaderElectionConfiguration(leaderElection(config.leaderElection()));
      }
    };
  }

  private LeaderElectionConfiguration leaderElection(OperatorConfig.LeaderElection settings) {
    LeaderElectionConfigurationBuilder lease =
        LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(settings.leaseName())
            .withLeaseDuration(settings.leaseDuration())
            .withRenewDeadline(settings.renewDeadline())
            .withRetryPeriod(settings.retryPeriod())
            .withLeaderCallbacks(new LeaderCallbacks(this::won, this::lost, this::follow));
    config.operatorNamespace().ifPresent(lease::withLeaseNamespace);
    return lease.build();
  }

  /**
   * Halts and does not shut down: from here on, every write would be one against the new leader.
   */
  private void lost() {
    if (!stopping) {
      LOG.error("lost the Lease: another operator leads, this one ends");
      Runtime.getRuntime().halt(1);
    }
  }
}
