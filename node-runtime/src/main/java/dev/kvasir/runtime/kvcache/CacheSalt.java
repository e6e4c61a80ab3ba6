package dev.kvasir.runtime.kvcache;

/**
 * What besides the tokens decides whether two sequences may share keys and values. An adapter's
 * identity will join here.
 *
 * @param rotation class of sequences whose keys are turned alike
 * @param request the client's {@code cache_salt}: only requests with the same one share; empty
 *     where none was given
 */
public record CacheSalt(long rotation, String request) {
  public static final CacheSalt NONE = new CacheSalt(0, "");
}
