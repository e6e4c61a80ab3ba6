package dev.kvasir.operator;

import io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import io.quarkiverse.operatorsdk.runtime.api.ConfigurationServiceCustomizer;
import jakarta.inject.Singleton;
import java.util.function.Consumer;

/** Hands the operator's settings to the SDK. */
@Singleton
class SdkSettings implements ConfigurationServiceCustomizer {
  private final OperatorConfig config;

  SdkSettings(OperatorConfig config) {
    this.config = config;
  }

  @Override
  public Consumer<ConfigurationServiceOverrider> overrider() {
    return overrider -> {
      if (config.leaderElection().enabled()) {
        overrider.withLeaderElectionConfiguration(leaderElection(config.leaderElection()));
      }
    };
  }

  /** Who loses the Lease exits: that is the SDK's way, and this configuration keeps it. */
  private LeaderElectionConfiguration leaderElection(OperatorConfig.LeaderElection settings) {
    LeaderElectionConfigurationBuilder lease =
        LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(settings.leaseName())
            .withLeaseDuration(settings.leaseDuration())
            .withRenewDeadline(settings.renewDeadline())
            .withRetryPeriod(settings.retryPeriod());
    config.operatorNamespace().ifPresent(lease::withLeaseNamespace);
    return lease.build();
  }
}
