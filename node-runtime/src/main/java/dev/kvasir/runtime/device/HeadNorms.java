package dev.kvasir.runtime.device;

/** RMS norms of each head of query and key, before they are rotated; as wide as a head. */
public record HeadNorms(WeightVector query, WeightVector key, float epsilon) {}
