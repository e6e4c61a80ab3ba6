package dev.kvasir.runtime.cli;

/** A command that can't go on; the message is all that its user needs. */
final class CommandFailedException extends Exception {
  private static final long serialVersionUID = 1L;

  CommandFailedException(String message) {
    super(message);
  }
}
