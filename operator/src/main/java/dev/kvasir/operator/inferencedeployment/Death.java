package dev.kvasir.operator.inferencedeployment;

import java.time.Instant;

/**
 * A container that has ended.
 *
 * @param dropped streams that were cut by it
 * @param estimated it did not say so itself: it was killed, and this is what it worked on
 * @param early it was found when the operator started: an operator before may have counted it
 */
public record Death(String pod, Instant at, long dropped, boolean estimated, boolean early) {}
