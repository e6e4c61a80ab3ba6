package dev.kvasir.runtime.engine;

import dev.kvasir.runtime.sampling.SamplingParameters;
import java.util.Set;

/**
 * One sequence to generate, in token ids: what the HTTP layer asks of the engine.
 *
 * @param id the client's x-request-id or a made one, for logs
 * @param promptTokenIds at least one id, each below the vocabulary size; not copied, must not
 *     change
 * @param maxTokens most tokens to generate, at least 1; prompt and output together fit the engine's
 *     maxModelLen
 * @param stopTokenIds ids that end the sequence (the model's EOS ids and the request's own); the id
 *     itself is reported as the last token with {@link FinishReason#STOP}
 */
public record GenerationRequest(
    String id,
    int[] promptTokenIds,
    SamplingParameters sampling,
    int maxTokens,
    Set<Integer> stopTokenIds) {}
