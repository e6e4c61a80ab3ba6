package dev.kvasir.runtime.device;

/** One layer's view of the KV cache: its keys and values and the KV group they belong to. */
public interface KvLayer {}
