package dev.kvasir.runtime.http;

import java.io.IOException;

/** Answers one method of one path. */
@FunctionalInterface
interface Endpoint {
  void answer(Call call) throws ApiException, IOException, InterruptedException;
}
