package dev.kvasir.runtime.device;

import dev.kvasir.runtime.scheduler.StepResult;

/** A step that a device has accepted and may still be running. */
public interface StepHandle {

  /**
   * Has the tokens drawn of a step that was to wait with it; what its plan bars and masks is filled
   * in and read before this returns.
   */
  default void draw() {
    throw new IllegalStateException("this step did not wait to be told to draw");
  }

  /**
   * Waits for the step's end and says what was drawn. The arrays may be written over by the step
   * after next.
   */
  StepResult await();
}
