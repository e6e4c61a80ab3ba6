// Weights of other types to bfloat16, row by row, while a model is loaded: what no product reads in its own form.
// W = (q - zero) * scale; scales and zeros, where there are any, belong to blocks of rows x columns. A thread makes one element.
#include "kernel.cuh"

namespace {

__device__ __forceinline__ float element(const float* data, long long at, int, int) { return data[at]; }
__device__ __forceinline__ float element(const bf16* data, long long at, int, int) { return __bfloat162float(data[at]); }
__device__ __forceinline__ float element(const half* data, long long at, int, int) { return __half2float(data[at]); }
__device__ __forceinline__ float element(const int8_t* data, long long at, int, int) { return data[at]; }
__device__ __forceinline__ float element(const fp8* data, long long at, int, int) { return float(data[at]); }

struct Nibble {
  uint8_t pair;
};
/** Rows of nibbles begin with a whole byte. */
__device__ __forceinline__ float element(const Nibble* data, long long at, int column, int columns) {
  uint8_t pair = data[at / columns * ((columns + 1) / 2) + column / 2].pair;
  return column % 2 ? pair >> 4 : pair & 15;
}

}  // namespace

#define TO_BF16(TYPE, ZERO, NAME)                                                                                                        \
  extern "C" __global__ void __launch_bounds__(256) to_bf16_##NAME(const TYPE* data, const float* scales, const ZERO* zeros,             \
                                                                   long long count, int columns, int block_rows, int block_columns,      \
                                                                   bf16* out) {                                                          \
    long long at = (long long)blockIdx.x * 256 + threadIdx.x;                                                                            \
    if (at >= count) return;                                                                                                             \
    int column = (int)(at % columns);                                                                                                    \
    long long block = at / columns / block_rows * ((columns + block_columns - 1) / block_columns) + column / block_columns;              \
    float value = element(data, at, column, columns) - (zeros ? (float)zeros[block] : 0.f);                                              \
    out[at] = __float2bfloat16(value * (scales ? scales[block] : 1.f));                                                                  \
  }

TO_BF16(bf16, uint8_t, bf16)
TO_BF16(float, uint8_t, f32)
TO_BF16(half, uint8_t, f16)
TO_BF16(Nibble, uint8_t, int4)
TO_BF16(int8_t, int16_t, int8)
TO_BF16(fp8, uint8_t, fp8)
