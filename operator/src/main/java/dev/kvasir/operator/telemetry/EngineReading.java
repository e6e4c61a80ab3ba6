package dev.kvasir.operator.telemetry;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What one page of metrics says of an engine's load, in one engine's words or another's. What an
 * engine does not say is empty.
 *
 * @param kvUsage part of the KV cache in use, 0 to 1
 * @param kvCapacityTokens tokens that it holds
 * @param promptTokens computed since the engine's start, prefix hits not counted where it tells
 *     them apart
 * @param outputTokens sampled since the engine's start
 * @param promptCapacity prompt tokens a second that it can do, by its own measure
 * @param outputCapacity output tokens a second likewise
 * @param firstToken seconds to the first token since the engine's start; empty where it is not said
 * @param interToken seconds between two tokens likewise
 * @param card empty on a CPU, and where the engine does not say
 */
public record EngineReading(
    Engine engine,
    double running,
    double waiting,
    OptionalDouble waitingPromptTokens,
    double kvUsage,
    OptionalDouble kvCapacityTokens,
    OptionalDouble promptTokens,
    OptionalDouble outputTokens,
    OptionalDouble promptCapacity,
    OptionalDouble outputCapacity,
    Histogram firstToken,
    Histogram interToken,
    boolean draining,
    Optional<Card> card) {

  /** Whose names a page uses. */
  public enum Engine {
    KVASIR,
    VLLM,
    SGLANG,
    TENSORRT_LLM,
    TRITON
  }
}
