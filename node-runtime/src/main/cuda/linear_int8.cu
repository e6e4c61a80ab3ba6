// y = weight * x with signed bytes on both sides: a scale a row of the weight and a row of x.
#include "linear.cuh"

#define LINEAR_INT8_FEW(N, T)                                                                                                                    \
  extern "C" __global__ void __launch_bounds__(LINEAR_THREADS, 2) linear_int8_few_##N##_##T##x8(                                                       \
      const uint4* weight, const float* scales, const int8_t* x, const float* x_scales, int rows, int outputs, int columns, void* y,         \
      int float_out, const float* bias, float* partials, unsigned* arrivals) {                                                                \
    linear_few<Int8Weights, N, T, 1, LINEAR_WARPS>({tiles_of(weight, outputs, columns), scales, x_scales}, x, {rows, outputs, columns},                                     \
                               {y, float_out, bias, partials, arrivals});                                                                     \
  }

#define LINEAR_INT8_MANY(N, T)                                                                                                                \
  extern "C" __global__ void __launch_bounds__(LINEAR_THREADS, 1) linear_int8_many_##N##_##T(                                                \
      const uint4* weight, const float* scales, const int8_t* x, const float* x_scales, int rows, int outputs, int columns, void* y,         \
      int float_out, const float* bias, float* partials, unsigned* arrivals) {                                                                \
    linear_many<Int8Weights, N, T>({tiles_of(weight, outputs, columns), scales, x_scales}, x, {rows, outputs, columns},                                 \
                                   {y, float_out, bias, partials, arrivals});                                                                 \
  }

using Int8Feed = WordFeed<Int8Weights, false, false>;

#define LINEAR_INT8_WGMMA(N, T)                                                                                                               \
  extern "C" __global__ void __launch_bounds__(WGMMA_THREADS, 1) linear_int8_wgmma_##N##_##T(const uint4* weight, const float* scales, const int8_t* x, const float* x_scales, int rows, int outputs,     \
                                  int columns, void* y, int float_out, const float* bias, float* partials, unsigned* arrivals) {             \
    linear_wgmma<Int8Feed, N, T>({{tiles_of(weight, outputs, columns), scales, x_scales}}, x, {rows, outputs, columns},                       \
                                 {y, float_out, bias, partials, arrivals});                                                                  \
  }

LINEAR_INT8_FEW(1, 2)
LINEAR_INT8_FEW(2, 2)
LINEAR_INT8_FEW(4, 2)
LINEAR_INT8_MANY(8, 1)
LINEAR_INT8_MANY(8, 2)
LINEAR_INT8_MANY(16, 2)

LINEAR_INT8_WGMMA(32, 1)
LINEAR_INT8_WGMMA(64, 1)
LINEAR_INT8_WGMMA(128, 1)
LINEAR_INT8_WGMMA(128, 2)
