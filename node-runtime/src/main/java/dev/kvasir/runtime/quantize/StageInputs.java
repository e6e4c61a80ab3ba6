package dev.kvasir.runtime.quantize;

/**
 * What calibration saw of the inputs of linear layers.
 *
 * @param meanMagnitude of each input
 * @param meanSquare of each input
 * @param samples some rows as they were
 */
record StageInputs(float[] meanMagnitude, float[] meanSquare, float[][] samples) {}
