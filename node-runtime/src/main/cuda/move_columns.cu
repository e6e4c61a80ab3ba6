// Columns in another order or another place, for layers whose parts want their inputs, or give their outputs, apart.
#include "kernel.cuh"

/** out[row][j] = in[row][order[j]]. */
extern "C" __global__ void __launch_bounds__(256) permute_columns(const bf16* in, const int* order, int columns, bf16* out) {
  allow_next();
  await_previous();
  int j = blockIdx.x * 256 + threadIdx.x;
  if (j < columns) out[(size_t)blockIdx.y * columns + j] = in[(size_t)blockIdx.y * columns + order[j]];
}

/** Puts rows of some width into wider rows, from a column on. */
#define PLACE_COLUMNS(TYPE, NAME)                                                                                                       \
  extern "C" __global__ void __launch_bounds__(256) place_columns_##NAME(const TYPE* in, int width, int first, int stride, TYPE* out) { \
    allow_next();                                                                                                                       \
    await_previous();                                                                                                                   \
    int j = blockIdx.x * 256 + threadIdx.x;                                                                                             \
    if (j < width) out[(size_t)blockIdx.y * stride + first + j] = in[(size_t)blockIdx.y * width + j];                                   \
  }

PLACE_COLUMNS(bf16, bf16)
PLACE_COLUMNS(float, float)
