package dev.kvasir.operator.inferencedeployment.plan;

import java.util.Optional;

/**
 * What a plan takes from the operator's own settings.
 *
 * @param runtimeImage for specs that name none
 * @param operatorNamespace where the operator's pods run; empty where it runs outside the cluster
 */
public record Platform(String runtimeImage, Optional<String> operatorNamespace) {}
