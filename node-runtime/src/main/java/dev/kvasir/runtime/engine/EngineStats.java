package dev.kvasir.runtime.engine;

/**
 * The engine's state after a step.
 *
 * @param waitingPromptTokens prompt tokens queued and not yet computed
 * @param kvTokens tokens held by running requests
 * @param freeBlocks blocks that nobody uses, {@code cachedBlocks} those of them that still hold a
 *     reusable prefix, {@code usedBlocks} the rest; of all KV groups
 * @param kvUsage share of blocks in use, 0 to 1, in the fullest KV group
 * @param prefixQueries prompt tokens looked up in the prefix cache, {@code prefixHits} those found;
 *     each request counts once
 * @param steps since start: the heartbeat
 * @param lastStepAgeSeconds since the last step's end while work waits or runs; 0 when idle
 * @param failedSteps steps that threw; their requests ended with {@link FinishReason#ERROR}
 * @param failure why the engine has stopped for good; null while it runs
 */
public record EngineStats(
    int running,
    int waiting,
    long waitingPromptTokens,
    long kvTokens,
    int freeBlocks,
    int cachedBlocks,
    int usedBlocks,
    double kvUsage,
    long preemptions,
    long prefixQueries,
    long prefixHits,
    long steps,
    double lastStepAgeSeconds,
    long failedSteps,
    String failure) {

  EngineStats at(double age, String failureNow) {
    return new EngineStats(
        running,
        waiting,
        waitingPromptTokens,
        kvTokens,
        freeBlocks,
        cachedBlocks,
        usedBlocks,
        kvUsage,
        preemptions,
        prefixQueries,
        prefixHits,
        steps,
        age,
        failedSteps,
        failureNow);
  }
}
