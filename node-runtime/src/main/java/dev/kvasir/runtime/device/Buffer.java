package dev.kvasir.runtime.device;

/** Rows of activations on a device, in whatever form the device keeps them. */
public interface Buffer {}
