package dev.kvasir.operator;

import jakarta.enterprise.context.ApplicationScoped;

/** Whether this operator is the one that acts. */
@ApplicationScoped
public class Leadership {
  private volatile boolean leads;

  Leadership(OperatorConfig config) {
    this.leads = !config.leaderElection().enabled();
  }

  void won() {
    leads = true;
  }

  public boolean leads() {
    return leads;
  }
}
