package dev.kvasir.operator.inferencedeployment.status;

/**
 * What keeps pods from serving.
 *
 * @param lasting it won't get better without a change
 */
record Problem(Reason reason, String message, boolean lasting) {}
