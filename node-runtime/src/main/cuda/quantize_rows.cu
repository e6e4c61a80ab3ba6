// Rows of bfloat16 to 8 bits, where the op that made them could not give them so. A block takes a row. Columns: a multiple of 8.
#include "quantize.cuh"

namespace {

constexpr int QUANTIZE_THREADS = 256;

/** fixed_scale: of the whole tensor, or 0; group: 128, or 0 for a scale a row. */
template <class T>
__device__ void quantize(const bf16* rows, int columns, T* out, float* scales, float fixed_scale, int group) {
  __shared__ float warps[QUANTIZE_THREADS / 32];
  allow_next();
  await_previous();
  const bf16* row = rows + (size_t)blockIdx.x * columns;
  float scale = fixed_scale;
  if (fixed_scale == 0 && group == 0) {
    float largest = 0;
    for (int k = threadIdx.x * 8; k < columns; k += QUANTIZE_THREADS * 8) {
      float v[8];
      unpack8(load16(row + k), v);
      largest = fmaxf(largest, largest_of(v));
    }
    scale = scale_for<T>(block_max(largest, warps));
  }
  if (group == 0 && threadIdx.x == 0) scales[blockIdx.x] = scale;
  for (int start = 0; start < columns; start += QUANTIZE_THREADS * 8) {
    int k = start + threadIdx.x * 8;
    float v[8] = {};
    if (k < columns) unpack8(load16(row + k), v);
    if (group != 0) {
      scale = scale_for<T>(group_max(largest_of(v)));
      if (k < columns && k % 128 == 0) scales[(size_t)blockIdx.x * ((columns + 127) / 128) + k / 128] = scale;
    }
    if (k < columns) *reinterpret_cast<uint2*>(out + (size_t)blockIdx.x * columns + k) = Quantized<T>::pack(v, 1.f / scale);
  }
}

}  // namespace

#define QUANTIZE_ROWS(TYPE, NAME)                                                                                                     \
  extern "C" __global__ void __launch_bounds__(QUANTIZE_THREADS) quantize_rows_##NAME(const bf16* rows, int columns, TYPE* out,       \
                                                                                      float* scales, float fixed_scale, int group) {  \
    quantize<TYPE>(rows, columns, out, scales, fixed_scale, group);                                                                   \
  }

QUANTIZE_ROWS(fp8, fp8)
QUANTIZE_ROWS(int8_t, int8)
