// values = cap * tanh(values / cap), in place.
#include "kernel.cuh"

extern "C" __global__ void __launch_bounds__(256) softcap(float* values, long long count, float cap) {
  allow_next();
  await_previous();
  long long at = (long long)blockIdx.x * 256 + threadIdx.x;
  if (at < count) values[at] = cap * tanhf(values[at] / cap);
}
