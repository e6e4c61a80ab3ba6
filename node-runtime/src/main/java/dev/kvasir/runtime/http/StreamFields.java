package dev.kvasir.runtime.http;

/** {@code stream} and {@code stream_options}. */
final class StreamFields {
  private StreamFields() {}

  static Ask.Streaming read(Fields fields) throws ApiException {
    boolean wanted = fields.bool("stream", false);
    Fields options = fields.object("stream_options");
    if (options == null) {
      return new Ask.Streaming(wanted, false, false);
    }
    if (!wanted) {
      throw ApiException.invalid("stream_options", "'stream_options' needs 'stream' to be true");
    }
    boolean usage = options.bool("include_usage", false);
    boolean continuous = options.bool("continuous_usage_stats", false);
    if (continuous && !usage) {
      throw options.invalid("continuous_usage_stats", "needs 'include_usage' to be true");
    }
    options.accept("include_obfuscation");
    options.refuseUnread();
    return new Ask.Streaming(true, usage, continuous);
  }
}
