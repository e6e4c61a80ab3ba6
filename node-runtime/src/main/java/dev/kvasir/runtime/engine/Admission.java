package dev.kvasir.runtime.engine;

import dev.kvasir.runtime.engine.RequestRejectedException.Reason;
import dev.kvasir.runtime.kvcache.PoolSize;

/** Decides at once whether a request can ever be served. */
record Admission(EngineLimits limits) {

  void check(GenerationRequest request) throws RequestRejectedException {
    int[] prompt = request.promptTokenIds();
    if (prompt.length == 0) {
      throw new RequestRejectedException(Reason.INVALID, "the prompt has no tokens");
    }
    if (request.maxTokens() < 0) {
      throw new RequestRejectedException(
          Reason.INVALID, "max_tokens must be at least 0, got " + request.maxTokens());
    }
    for (int i = 0; i < prompt.length; i++) {
      if (prompt[i] < 0 || prompt[i] >= limits.vocabularySize()) {
        throw new RequestRejectedException(
            Reason.INVALID,
            "token id %d at position %d is outside the vocabulary of %d"
                .formatted(prompt[i], i, limits.vocabularySize()));
      }
    }
    checkLength(prompt.length, request.maxTokens());
  }

  private void checkLength(int promptTokens, int maxTokens) throws RequestRejectedException {
    long total = (long) promptTokens + maxTokens;
    if (total > limits.maxModelLen()) {
      throw new RequestRejectedException(
          Reason.CONTEXT_LENGTH_EXCEEDED,
          "%d prompt tokens and max_tokens %d are %d together; this model's maximum is %d"
              .formatted(promptTokens, maxTokens, total, limits.maxModelLen()));
    }
    for (PoolSize pool : limits.pools()) {
      if (!pool.holds(total, limits.blockSize())) {
        throw new RequestRejectedException(
            Reason.CONTEXT_LENGTH_EXCEEDED,
            "%d prompt tokens and max_tokens %d are %d together; the KV cache holds %d"
                .formatted(
                    promptTokens, maxTokens, total, (long) pool.blocks() * limits.blockSize()));
      }
    }
  }
}
