// Where a linear layer's sums go: to y, or first to the parts that the last block adds up.
#pragma once
#include "kernel.cuh"

constexpr int LINEAR_WARPS = 8;
constexpr int LINEAR_THREADS = LINEAR_WARPS * 32;

/** What both kernels are told beside the weights. */
struct LinearShape {
  int rows, outputs, columns;
};

struct LinearOut {
  void* y;
  int is_float;
  const float* bias;
  float* partials;  // [split][row][output]
  unsigned* arrivals;  // one a block of outputs and rows

  __device__ void store(size_t at, int output, float value) const {
    if (bias) value += bias[output];
    if (is_float)
      static_cast<float*>(y)[at] = value;
    else
      static_cast<bf16*>(y)[at] = __float2bfloat16(value);
  }
};

/** Adds up the parts that the blocks of one tile of outputs have written. */
__device__ __forceinline__ void add_parts(const LinearShape& shape, const LinearOut& out, int splits, int first_row, int rows, int first, int count) {
  for (int item = threadIdx.x; item < rows * count; item += blockDim.x) {
    int row = first_row + item / count, output = first + item % count;
    if (row >= shape.rows || output >= shape.outputs) continue;
    size_t at = (size_t)row * shape.outputs + output;
    float sum = 0;
    for (int s = 0; s < splits; s++) sum += __ldcg(out.partials + (size_t)s * shape.rows * shape.outputs + at);
    out.store(at, output, sum);
  }
}
