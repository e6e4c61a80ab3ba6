// y = weight * x with bfloat16 weights and activations.
#include "linear.cuh"

#define LINEAR_BF16_FEW(N, T)                                                                                                                    \
  extern "C" __global__ void __launch_bounds__(LINEAR_THREADS, 2) linear_bf16_few_##N##_##T##x8(                                                       \
      const uint4* weight, const bf16* x, int rows, int outputs, int columns, void* y, int float_out, const float* bias, float* partials,      \
      unsigned* arrivals) {                                                                                                                   \
    linear_few<Bf16Weights, N, T, 1, LINEAR_WARPS>({tiles_of(weight, outputs, columns * 2)}, x, {rows, outputs, columns}, {y, float_out, bias, partials, arrivals});            \
  }

#define LINEAR_BF16_MANY(N, T)                                                                                                                \
  extern "C" __global__ void __launch_bounds__(LINEAR_THREADS, 1) linear_bf16_many_##N##_##T(                                                \
      const uint4* weight, const bf16* x, int rows, int outputs, int columns, void* y, int float_out, const float* bias, float* partials,      \
      unsigned* arrivals) {                                                                                                                   \
    linear_many<Bf16Weights, N, T>({tiles_of(weight, outputs, columns * 2)}, x, {rows, outputs, columns}, {y, float_out, bias, partials, arrivals});        \
  }

using Bf16Feed = WordFeed<Bf16Weights, false, false>;

#define LINEAR_BF16_WGMMA(N, T)                                                                                                               \
  extern "C" __global__ void __launch_bounds__(WGMMA_THREADS, 1) linear_bf16_wgmma_##N##_##T(const uint4* weight, const bf16* x, int rows, int outputs, int columns, void* y, int float_out,              \
                                  const float* bias, float* partials, unsigned* arrivals) {                                                  \
    linear_wgmma<Bf16Feed, N, T>({{tiles_of(weight, outputs, columns * 2)}}, x, {rows, outputs, columns},                                     \
                                 {y, float_out, bias, partials, arrivals});                                                                  \
  }

LINEAR_BF16_FEW(1, 2)
LINEAR_BF16_FEW(2, 2)
LINEAR_BF16_FEW(4, 2)
LINEAR_BF16_MANY(8, 1)
LINEAR_BF16_MANY(8, 2)
LINEAR_BF16_MANY(16, 2)

LINEAR_BF16_WGMMA(64, 1)
LINEAR_BF16_WGMMA(128, 1)
LINEAR_BF16_WGMMA(128, 2)
