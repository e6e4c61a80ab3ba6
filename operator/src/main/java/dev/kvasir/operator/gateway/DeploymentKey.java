package dev.kvasir.operator.gateway;

/** Which InferenceDeployment; as text it is the model name that is never ambiguous. */
record DeploymentKey(String namespace, String name) {
  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
