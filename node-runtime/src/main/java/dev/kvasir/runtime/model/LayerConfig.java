package dev.kvasir.runtime.model;

/**
 * What may differ from layer to layer.
 *
 * @param window positions that a position sees, itself included; 0: all before it
 */
record LayerConfig(int window, RopeConfig rope) {}
