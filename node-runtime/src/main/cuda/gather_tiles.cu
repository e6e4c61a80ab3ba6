// out = rows of a bfloat16 matrix that lies in linear.cuh's tiles, times a factor: embeddings from the table that the head reads too.
// A thread takes a pair of columns.
#include "kernel.cuh"

extern "C" __global__ void __launch_bounds__(256) gather_tiles(const uint32_t* tiles, const int* indices, int columns, int steps, float factor, uint32_t* out) {
  allow_next();
  await_previous();
  int word = blockIdx.x * 256 + threadIdx.x, words = columns / 2;
  if (word >= words) return;
  int row = indices[blockIdx.y], step = word / 32, rest = word % 32;
  int product = rest / 16 * 2 + rest % 4 / 2, lane = row % 8 * 4 + rest % 16 / 4, i = rest % 2 * 2 + row % 16 / 8;
  uint32_t pair = tiles[(((size_t)(row / 16) * steps + step) * 4 + product) * 128 + lane * 4 + i];
  if (factor != 1.f) pair = pack_bf16(low(pair) * factor, high(pair) * factor);
  out[(size_t)blockIdx.y * words + word] = pair;
}
