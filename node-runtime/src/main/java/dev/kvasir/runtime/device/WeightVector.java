package dev.kvasir.runtime.device;

/** A vector (of a norm) that a device has prepared. */
public interface WeightVector {}
