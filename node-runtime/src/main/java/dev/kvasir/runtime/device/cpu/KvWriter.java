package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.device.AttentionShape;
import dev.kvasir.runtime.device.HeadNorms;
import java.lang.foreign.MemorySegment;

/** Norms and rotates a row's query and key and stores its key and value. */
final class KvWriter {
  private float[] qkv;
  private AttentionShape shape;

  /** Null where there are none. */
  private HeadNorms norms;

  private RopeAngles angles;
  private CpuKvCache.Layer layer;

  /** Not while it writes. */
  void begin(
      float[] qkv,
      AttentionShape shape,
      HeadNorms norms,
      RopeAngles angles,
      CpuKvCache.Layer layer) {
    this.qkv = qkv;
    this.shape = shape;
    this.norms = norms;
    this.angles = angles;
    this.layer = layer;
  }

  void write(int row, int slot) {
    int dim = shape.headDim();
    int start = row * shape.qkvWidth();
    if (norms != null) {
      norm(start);
    }
    for (int head = 0; head < shape.heads() + shape.kvHeads(); head++) {
      angles.rotate(row, qkv, start + head * dim);
    }
    int blockSize = layer.cache().blockSize();
    KvElements elements = layer.cache().elements();
    int block = slot / blockSize;
    int place = slot % blockSize;
    MemorySegment chunk = layer.cache().chunk(block);
    int key = start + shape.queryWidth();
    int value = key + shape.kvWidth();
    for (int head = 0; head < shape.kvHeads(); head++) {
      long keys = layer.keys(block, head) + place;
      long values = layer.values(block, head) + (long) place * dim;
      for (int d = 0; d < dim; d++) {
        float k = qkv[key + head * dim + d] / layer.scale().key();
        float v = qkv[value + head * dim + d] / layer.scale().value();
        elements.set(chunk, keys + (long) d * blockSize, k);
        elements.set(chunk, values + d, v);
      }
    }
  }

  private void norm(int start) {
    float[] query = ((CpuVector) norms.query()).values();
    float[] key = ((CpuVector) norms.key()).values();
    RowKernels.normHeads(qkv, start, shape.heads(), query, norms.epsilon());
    int keys = start + shape.queryWidth();
    RowKernels.normHeads(qkv, keys, shape.kvHeads(), key, norms.epsilon());
  }
}
