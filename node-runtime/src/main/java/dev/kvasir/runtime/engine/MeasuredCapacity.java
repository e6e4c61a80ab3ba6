package dev.kvasir.runtime.engine;

/**
 * What this engine can do, by its own measure.
 *
 * @param promptTokensPerSecond computed while nothing else runs
 * @param outputTokensPerSecond of all sequences together, while no prompt is computed
 * @param inWords how that was found
 */
public record MeasuredCapacity(
    double promptTokensPerSecond, double outputTokensPerSecond, String inWords) {}
