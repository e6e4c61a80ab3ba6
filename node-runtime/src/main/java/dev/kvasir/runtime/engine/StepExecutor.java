package dev.kvasir.runtime.engine;

import dev.kvasir.runtime.device.StepHandle;
import dev.kvasir.runtime.scheduler.RotationRule;
import dev.kvasir.runtime.scheduler.StepPlan;

/** What the loop runs its plans on: a model on a device. */
interface StepExecutor extends AutoCloseable {

  StepHandle execute(StepPlan plan);

  /** How positions are turned, which decides what the scheduler may keep and share. */
  default RotationRule rotation() {
    return RotationRule.FIXED;
  }

  /** Frees the device and the weights; nothing is in flight. */
  @Override
  void close();
}
