// Weights of 2 or 1 bytes from rows to linear.cuh's tiles. A thread makes one 32-bit word; what lies beyond the rows or columns becomes 0.
// Rows: a multiple of 4 bytes.
#include "kernel.cuh"

extern "C" __global__ void __launch_bounds__(256) repack_rows(const uint32_t* rows, int outputs, int row_words, int steps, long long words, uint32_t* out) {
  long long at = (long long)blockIdx.x * 256 + threadIdx.x;
  if (at >= words) return;
  int i = at % 4, lane = at / 4 % 32, product = at / 128 % 4;
  long long step = at / 512 % steps, tile = at / 512 / steps;
  long long row = tile * 16 + lane / 4 + (i & 1) * 8;
  long long word = step * 32 + product / 2 * 16 + lane % 4 * 4 + product % 2 * 2 + (i >> 1);
  out[at] = row < outputs && word < row_words ? rows[row * row_words + word] : 0;
}
