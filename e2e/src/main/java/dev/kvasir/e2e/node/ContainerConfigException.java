package dev.kvasir.e2e.node;

/**
 * A container or volume can't be set up as its pod asks; the message says why, for the pod's
 * status.
 */
final class ContainerConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  ContainerConfigException(String message) {
    super(message);
  }
}
