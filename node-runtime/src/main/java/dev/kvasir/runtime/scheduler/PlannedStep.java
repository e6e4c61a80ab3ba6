package dev.kvasir.runtime.scheduler;

import java.util.List;

/**
 * A step's plan and whose it is. Its arrays and lists are written anew for a step that is planned
 * four steps later.
 *
 * @param sequences in the plan's order
 * @param sampled those whose next token the step draws, in the order of the plan's sampled rows
 * @param promptTokens rows that compute tokens of a prompt for the first time
 */
public record PlannedStep(
    StepPlan plan, List<Sequence> sequences, List<Sequence> sampled, int promptTokens) {}
