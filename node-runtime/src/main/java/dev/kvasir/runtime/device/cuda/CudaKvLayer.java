package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.device.KvLayer;

/** One layer's keys and values, and the group whose block tables say where they are. */
record CudaKvLayer(PagedCache cache, int group) implements KvLayer {
  static CudaKvLayer of(KvLayer layer) {
    return (CudaKvLayer) layer;
  }
}
