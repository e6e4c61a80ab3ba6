package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.device.WeightVector;

/** A vector of float32. */
record CpuVector(float[] values) implements WeightVector {}
