package dev.kvasir.runtime.engine;

import dev.kvasir.runtime.device.StepHandle;
import dev.kvasir.runtime.scheduler.RotationRule;
import dev.kvasir.runtime.scheduler.StepPlan;

/** What the loop runs its plans on: a model on a device. */
interface StepExecutor extends AutoCloseable {

  /** Steps that may be in flight: 1 or 2. */
  default int depth() {
    return 1;
  }

  /**
   * Gives a step to the device, which runs steps in the order in which they were given: one sees
   * all that those before it wrote, so a block that was freed can be given away while a step that
   * used it still runs.
   *
   * @param plan is read before this returns
   * @param drawsLater whether tokens are drawn only once {@link StepHandle#draw} is called: what
   *     the plan bars and masks is not known yet. With a depth of 1 it never is so.
   */
  StepHandle execute(StepPlan plan, boolean drawsLater);

  /** How positions are turned, which decides what the scheduler may keep and share. */
  default RotationRule rotation() {
    return RotationRule.FIXED;
  }

  /** Frees the device and the weights; nothing is in flight. */
  @Override
  void close();
}
