// y = weight * x with 4-bit weights in groups and bfloat16 activations: AWQ, GPTQ and compressed-tensors in one layout (linear.cuh), which
// repack_int4.cu makes.
#include "linear.cuh"

#define LINEAR_INT4_FEW(SUBS, N, T, DEPTH, WARPS, BLOCKS)                                                                                            \
  extern "C" __global__ void __launch_bounds__(WARPS * 32, BLOCKS) linear_int4_few_##SUBS##_##N##_##T##x##WARPS(                                   \
      const uint4* weight, const uint2* groups, float factor, int group_size, const bf16* x, int rows, int outputs, int columns, void* y,     \
      int float_out, const float* bias, float* partials, unsigned* arrivals) {                                                                \
    linear_few<Int4Weights<SUBS>, N, T, DEPTH, WARPS>(                                                                                    \
        int4_weights<SUBS>(weight, groups, factor, group_size, outputs, columns), x,                                                           \
        {rows, outputs, columns}, {y, float_out, bias, partials, arrivals});                                                                  \
  }

#define LINEAR_INT4_MANY(SUBS, N, T)                                                                                                          \
  extern "C" __global__ void __launch_bounds__(LINEAR_THREADS, 1) linear_int4_many_##SUBS##_##N##_##T(                                       \
      const uint4* weight, const uint2* groups, float factor, int group_size, const bf16* x, int rows, int outputs, int columns, void* y,     \
      int float_out, const float* bias, float* partials, unsigned* arrivals) {                                                                \
    linear_many<Int4Weights<SUBS>, N, T>(                                                                                                     \
        int4_weights<SUBS>(weight, groups, factor, group_size, outputs, columns), x,                                                           \
        {rows, outputs, columns}, {y, float_out, bias, partials, arrivals});                                                                  \
  }

template <int SUBS, int N>
using Int4FeedOf = Int4Feed<SUBS, SUBS == 1 && N <= 32>;

#define LINEAR_INT4_WGMMA(SUBS, N, T)                                                                                                         \
  extern "C" __global__ void __launch_bounds__(WGMMA_THREADS, 1) linear_int4_wgmma_##SUBS##_##N##_##T(const uint4* weight, const uint2* groups, float factor, int group_size, const bf16* x, int rows,   \
                                           int outputs, int columns, void* y, int float_out, const float* bias, float* partials,             \
                                           unsigned* arrivals) {                                                                             \
    linear_wgmma<Int4FeedOf<SUBS, N>, N, T>(Int4FeedOf<SUBS, N>::of(int4_weights<SUBS>(weight, groups, factor, group_size, outputs, columns)), x,  \
                                            {rows, outputs, columns}, {y, float_out, bias, partials, arrivals});                             \
  }

LINEAR_INT4_FEW(1, 1, 1, 4, 8, 2)
LINEAR_INT4_FEW(1, 1, 2, 2, 8, 2)
LINEAR_INT4_FEW(1, 1, 4, 1, 4, 4)
LINEAR_INT4_FEW(1, 2, 1, 4, 8, 2)
LINEAR_INT4_FEW(1, 2, 2, 1, 8, 2)
LINEAR_INT4_FEW(1, 4, 2, 1, 8, 1)
LINEAR_INT4_FEW(2, 1, 1, 2, 8, 2)
LINEAR_INT4_FEW(2, 1, 2, 1, 8, 2)
LINEAR_INT4_FEW(2, 1, 4, 1, 4, 3)
LINEAR_INT4_FEW(2, 2, 1, 2, 8, 2)
LINEAR_INT4_FEW(2, 2, 2, 1, 8, 1)
LINEAR_INT4_FEW(2, 4, 2, 1, 8, 1)
LINEAR_INT4_FEW(4, 1, 1, 1, 8, 2)
LINEAR_INT4_FEW(4, 1, 2, 1, 8, 1)
LINEAR_INT4_FEW(4, 1, 4, 1, 4, 2)
LINEAR_INT4_FEW(4, 2, 1, 1, 8, 2)
LINEAR_INT4_FEW(4, 2, 2, 1, 8, 1)
LINEAR_INT4_FEW(4, 4, 2, 1, 8, 1)

LINEAR_INT4_MANY(1, 8, 1)
LINEAR_INT4_MANY(1, 8, 2)
LINEAR_INT4_MANY(1, 16, 2)
LINEAR_INT4_MANY(2, 8, 1)
LINEAR_INT4_MANY(2, 16, 2)
LINEAR_INT4_MANY(4, 8, 1)
LINEAR_INT4_MANY(4, 16, 2)

LINEAR_INT4_WGMMA(1, 32, 1)
LINEAR_INT4_WGMMA(1, 64, 1)
LINEAR_INT4_WGMMA(1, 64, 2)
LINEAR_INT4_WGMMA(1, 128, 1)
LINEAR_INT4_WGMMA(2, 32, 1)
LINEAR_INT4_WGMMA(2, 64, 1)
LINEAR_INT4_WGMMA(2, 128, 1)
LINEAR_INT4_WGMMA(4, 32, 1)
LINEAR_INT4_WGMMA(4, 64, 1)
LINEAR_INT4_WGMMA(4, 128, 1)
LINEAR_INT4_WGMMA(1, 128, 2)
LINEAR_INT4_WGMMA(2, 64, 2)
LINEAR_INT4_WGMMA(2, 128, 2)
LINEAR_INT4_WGMMA(4, 64, 2)
LINEAR_INT4_WGMMA(4, 128, 2)
