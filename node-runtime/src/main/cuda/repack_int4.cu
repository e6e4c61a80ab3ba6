// 4-bit weights from the logical form (row by row, the even column in the low nibble; scales and zeros [row][group]) to linear.cuh's tiles.
// A thread makes one 32-bit word. Rows are padded to whole tiles with a scale of 0.
#include "kernel.cuh"

extern "C" __global__ void __launch_bounds__(256) repack_int4(const uint8_t* data, int outputs, int columns, int steps, long long words, uint32_t* out) {
  long long at = (long long)blockIdx.x * 256 + threadIdx.x;
  if (at >= words) return;
  int word = at % 4, lane = at / 4 % 32, load = at / 128 % 2;
  long long step = at / 256 % steps, tile = at / 256 / steps;
  int g = lane / 4, c = lane % 4, row_bytes = (columns + 1) / 2;
  long long k = step * 128 + load * 64 + word / 2 * 32 + c * 8 + word % 2 * 4;
  uint32_t packed = 0;
  for (int j = 0; j < 4; j++) {
    long long row = tile * 16 + g + (j & 1) * 8, column = k + (j >> 1) * 2;
    if (row >= outputs || column >= columns) continue;
    uint32_t pair = data[row * row_bytes + column / 2];
    packed |= (pair & 0xf) << 4 * j | (pair >> 4) << (16 + 4 * j);
  }
  out[at] = packed;
}

/** The scale in f16 below, 128 + zero in bfloat16 above. zeros: null where all are 8. */
extern "C" __global__ void __launch_bounds__(256) repack_int4_groups(const float* scales, const uint8_t* zeros, int outputs, int groups, int tiles,
                                                                     float inverse_factor, uint32_t* out) {
  long long at = (long long)blockIdx.x * 256 + threadIdx.x;
  if (at >= (long long)tiles * groups * 16) return;
  long long row = at / 16 / groups * 16 + at % 2 * 8 + at / 2 % 8, group = at / 16 % groups;
  bool there = row < outputs;
  uint32_t scale = __half_as_ushort(__float2half(there ? scales[row * groups + group] * inverse_factor : 0.f));
  uint32_t zero = there && zeros ? zeros[row * groups + group] : 8;
  out[at] = (0x4300 + zero) << 16 | scale;
}
