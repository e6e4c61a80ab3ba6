// out = the table's rows of these indices, times a factor: embeddings, and the rows whose next token is wanted. Columns: a multiple of 8.
#include "kernel.cuh"

extern "C" __global__ void __launch_bounds__(256) gather_rows(const bf16* table, const int* indices, int columns, float factor, bf16* out) {
  await_previous();
  allow_next();
  int k = (blockIdx.x * 256 + threadIdx.x) * 8;
  if (k >= columns) return;
  uint4 v = load16(table + (size_t)indices[blockIdx.y] * columns + k);
  if (factor != 1.f) {
    float f[8];
    unpack8(v, f);
    for (int i = 0; i < 8; i++) f[i] *= factor;
    v = pack8(f);
  }
  *reinterpret_cast<uint4*>(out + (size_t)blockIdx.y * columns + k) = v;
}
