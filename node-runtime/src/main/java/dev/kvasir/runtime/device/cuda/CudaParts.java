package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.device.KvLayout;

/**
 * What a device gives its ops.
 *
 * @param recorded whether decode steps are recorded as graphs
 * @param widestPart most outputs of a linear layer that more than one kernel computes; 0 for none
 */
record CudaParts(
    Gpu gpu,
    KernelModules modules,
    DeviceMemory memory,
    Stream stream,
    KvLayout layout,
    boolean recorded,
    int widestPart) {}
