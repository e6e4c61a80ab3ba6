package dev.kvasir.operator.inferencedeployment;

/**
 * The API server did not take an object.
 *
 * @param invalid it refused the object's content: the spec is at fault, not the moment
 * @param message what it said
 */
public record ApplyFailure(boolean invalid, String message) {}
