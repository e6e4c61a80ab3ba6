package dev.kvasir.runtime.device;

import dev.kvasir.runtime.scheduler.StepResult;

/** A step that a device has accepted and may still be running. */
public interface StepHandle {

  /** Waits for the step's end and says what was drawn. */
  StepResult await();
}
