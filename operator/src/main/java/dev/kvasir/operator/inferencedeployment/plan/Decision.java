package dev.kvasir.operator.inferencedeployment.plan;

import dev.kvasir.operator.kube.EventReason;

/** An action of a plan that the user should hear of, and why it is taken. */
public record Decision(EventReason reason, String sentence) {}
