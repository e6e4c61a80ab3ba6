// Copies memory as plainly as a kernel can: what reading and writing reach at best, for the bench.
#include "kernel.cuh"

constexpr int COPY_LOADS = 8;

extern "C" __global__ void __launch_bounds__(256) copy(const uint4* from, uint4* to, long long count) {
  long long at = (long long)blockIdx.x * 256 * COPY_LOADS + threadIdx.x;
  uint4 v[COPY_LOADS];
#pragma unroll
  for (int i = 0; i < COPY_LOADS; i++)
    if (at + i * 256 < count) v[i] = stream16(from + at + i * 256);
#pragma unroll
  for (int i = 0; i < COPY_LOADS; i++)
    if (at + i * 256 < count) to[at + i * 256] = v[i];
}
