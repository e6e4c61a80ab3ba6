// tables[index] = value for pairs of both: what is new in the block tables, in one upload.
#include "kernel.cuh"

extern "C" __global__ void __launch_bounds__(256) update_tables(const int2* updates, int count, int* tables) {
  int at = blockIdx.x * 256 + threadIdx.x;
  if (at < count) tables[updates[at].x] = updates[at].y;
}
