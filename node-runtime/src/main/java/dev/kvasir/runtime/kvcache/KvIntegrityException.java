package dev.kvasir.runtime.kvcache;

/** The KV cache's books do not balance: a bug, with the facts of it. */
public final class KvIntegrityException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  public KvIntegrityException(String message) {
    super(message);
  }
}
