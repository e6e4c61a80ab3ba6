package dev.kvasir.runtime.device;

/** A matrix that a device has prepared, in its own layout. */
public interface Weight {}
