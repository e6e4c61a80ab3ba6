package dev.kvasir.runtime.engine;

import dev.kvasir.runtime.device.StepHandle;
import dev.kvasir.runtime.scheduler.PlannedStep;

/**
 * A step that the device has.
 *
 * @param waits whether its tokens are drawn only once the host says what they may be
 */
record LaunchedStep(PlannedStep planned, StepHandle handle, boolean waits) {}
