package dev.kvasir.operator.telemetry;

import java.io.IOException;
import java.net.URI;

/** Where pages of metrics come from. */
@FunctionalInterface
public interface Pages {
  /** The text of a page; an {@link IOException} says why there is none. */
  String read(URI address) throws IOException, InterruptedException;
}
