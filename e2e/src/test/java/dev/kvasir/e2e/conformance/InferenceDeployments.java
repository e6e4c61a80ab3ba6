package dev.kvasir.e2e.conformance;

/** The resource that this project is about. */
final class InferenceDeployments {
  static final String SAMPLE =
      """
      apiVersion: inference.kvasir.dev/v1alpha1
      kind: InferenceDeployment
      metadata: {name: sample}
      spec:
        model: {uri: "bundled://sample"}
        accelerator: {count: 0}
      """;

  private InferenceDeployments() {}
}
