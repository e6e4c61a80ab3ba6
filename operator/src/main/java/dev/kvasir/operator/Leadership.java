package dev.kvasir.operator;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** Whether this operator is the one that acts. */
@ApplicationScoped
public class Leadership {
  private volatile boolean leads;
  private volatile String leader;

  Leadership(OperatorConfig config) {
    this.leads = !config.leaderElection().enabled();
  }

  void won() {
    leads = true;
  }

  void follows(String now) {
    leader = now;
  }

  public boolean leads() {
    return leads;
  }

  /** The pod that leads, as the Lease names it; empty where that is not known, or nobody elects. */
  public Optional<String> leader() {
    return Optional.ofNullable(leader);
  }
}
