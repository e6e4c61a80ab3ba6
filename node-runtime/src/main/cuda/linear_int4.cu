// y = weight * x with 4-bit weights in groups and bfloat16 activations: AWQ, GPTQ and compressed-tensors in one layout (linear.cuh), which
// repack_int4.cu makes.
#include "linear.cuh"

#define LINEAR_INT4_FEW(SUBS, N, T, DEPTH, WARPS, BLOCKS)                                                                                            \
  extern "C" __global__ void __launch_bounds__(WARPS * 32, BLOCKS) linear_int4_few_##SUBS##_##N##_##T(                                   \
      const uint4* weight, const uint2* groups, float factor, int group_size, const bf16* x, int rows, int outputs, int columns, void* y,     \
      int float_out, const float* bias, float* partials, unsigned* arrivals) {                                                                \
    linear_few<Int4Weights<SUBS>, N, T, DEPTH, WARPS>(                                                                                    \
        {weight, groups, factor, (outputs + 15) / 16, (columns + 127) / 128, (columns + group_size - 1) / group_size, max(group_size / 128, 1)}, x,                \
        {rows, outputs, columns}, {y, float_out, bias, partials, arrivals});                                                                  \
  }

#define LINEAR_INT4_MANY(SUBS, N, T)                                                                                                          \
  extern "C" __global__ void __launch_bounds__(LINEAR_THREADS, 1) linear_int4_many_##SUBS##_##N##_##T(                                       \
      const uint4* weight, const uint2* groups, float factor, int group_size, const bf16* x, int rows, int outputs, int columns, void* y,     \
      int float_out, const float* bias, float* partials, unsigned* arrivals) {                                                                \
    linear_many<Int4Weights<SUBS>, N, T>(                                                                                                     \
        {weight, groups, factor, (outputs + 15) / 16, (columns + 127) / 128, (columns + group_size - 1) / group_size, max(group_size / 128, 1)}, x,                \
        {rows, outputs, columns}, {y, float_out, bias, partials, arrivals});                                                                  \
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
