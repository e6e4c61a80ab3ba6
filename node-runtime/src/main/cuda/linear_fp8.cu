// y = weight * x with e4m3 on both sides. ROWS: weight scales for blocks of rows (1: per channel, all: per tensor), a scale a row of x.
// BLOCKS: weight scales for blocks of rows x 128 columns, a scale for 128 columns of a row of x.
#include "linear.cuh"

#define LINEAR_FP8_FEW(NAME, BLOCKS, N, T)                                                                                                       \
  extern "C" __global__ void __launch_bounds__(LINEAR_THREADS, N < 4 ? 2 : 1) linear_fp8_few_##NAME##_##N##_##T##x8(                                               \
      const uint4* weight, const float* scales, int block_rows, const fp8* x, const float* x_scales, int rows, int outputs, int columns,        \
      void* y, int float_out, const float* bias, float* partials, unsigned* arrivals) {                                                       \
    linear_few<Fp8Weights<BLOCKS>, N, T, 1, LINEAR_WARPS>({tiles_of(weight, outputs, columns), scales, x_scales, outputs, block_rows}, x, {rows, outputs, columns},                  \
                                      {y, float_out, bias, partials, arrivals});                                                              \
  }

#define LINEAR_FP8_MANY(NAME, BLOCKS, N, T)                                                                                                   \
  extern "C" __global__ void __launch_bounds__(LINEAR_THREADS, 1) linear_fp8_many_##NAME##_##N##_##T(                                        \
      const uint4* weight, const float* scales, int block_rows, const fp8* x, const float* x_scales, int rows, int outputs, int columns,        \
      void* y, int float_out, const float* bias, float* partials, unsigned* arrivals) {                                                       \
    linear_many<Fp8Weights<BLOCKS>, N, T>({tiles_of(weight, outputs, columns), scales, x_scales, outputs, block_rows}, x, {rows, outputs, columns},              \
                                          {y, float_out, bias, partials, arrivals});                                                          \
  }

template <bool BLOCKS>
using Fp8Feed = WordFeed<Fp8Weights<BLOCKS>, true, BLOCKS>;

#define LINEAR_FP8_WGMMA(NAME, BLOCKS, N, T)                                                                                                   \
  extern "C" __global__ void __launch_bounds__(WGMMA_THREADS, 1) linear_fp8_wgmma_##NAME##_##N##_##T(const uint4* weight, const float* scales, int block_rows, const fp8* x, const float* x_scales,       \
                                          int rows, int outputs, int columns, void* y, int float_out, const float* bias, float* partials,    \
                                          unsigned* arrivals) {                                                                              \
    linear_wgmma<Fp8Feed<BLOCKS>, N, T>({{tiles_of(weight, outputs, columns), scales, x_scales, outputs, block_rows}}, x,                     \
                                        {rows, outputs, columns}, {y, float_out, bias, partials, arrivals});                                 \
  }

LINEAR_FP8_FEW(rows, false, 1, 2)
LINEAR_FP8_FEW(rows, false, 2, 2)
LINEAR_FP8_FEW(rows, false, 4, 2)
LINEAR_FP8_FEW(blocks, true, 1, 2)
LINEAR_FP8_FEW(blocks, true, 2, 2)
LINEAR_FP8_FEW(blocks, true, 4, 2)
LINEAR_FP8_MANY(rows, false, 8, 1)
LINEAR_FP8_MANY(rows, false, 8, 2)
LINEAR_FP8_MANY(rows, false, 16, 2)
LINEAR_FP8_MANY(blocks, true, 8, 1)
LINEAR_FP8_MANY(blocks, true, 8, 2)
LINEAR_FP8_MANY(blocks, true, 16, 2)

LINEAR_FP8_WGMMA(rows, false, 32, 1)
LINEAR_FP8_WGMMA(rows, false, 64, 1)
LINEAR_FP8_WGMMA(rows, false, 128, 1)
LINEAR_FP8_WGMMA(blocks, true, 32, 1)
LINEAR_FP8_WGMMA(blocks, true, 64, 1)
LINEAR_FP8_WGMMA(blocks, true, 128, 1)
