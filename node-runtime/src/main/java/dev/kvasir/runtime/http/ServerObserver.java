package dev.kvasir.runtime.http;

/** Hears what the server does with requests, for metrics. */
public interface ServerObserver extends Generation.Observer {

  /** The code of what is refused because too much waits. */
  String QUEUE_FULL = "queue_full";

  /** How an accepted request for generation ended. */
  enum Outcome {
    /** The client has the whole answer. */
    COMPLETED,
    /** The client went away or read too slowly. */
    CANCELLED,
    /** We cut it: at the end of a drain, or because the engine failed. */
    DROPPED
  }

  /** A request was refused; {@code reason} is one of the API's error codes. */
  void rejected(String reason);

  void ended(Outcome outcome);
}
