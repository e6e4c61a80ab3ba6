// Keeps the tokens that a step drew: by slot, for the rows that go on with them, and in the host's memory, in two places by turns. What is no
// token (a negative number: why there is none) is told to the host alone. A slot of -1 is a padding row's.
#include "kernel.cuh"

constexpr int KEEP_THREADS = 1024;

extern "C" __global__ void __launch_bounds__(KEEP_THREADS) keep_drawn(const int* tokens, const int* slots, int count, int* last_drawn, unsigned* turns,
                                                                     int* results, int stride) {
  await_previous();
  int* to = results + (size_t)(*turns & 1) * stride;
  for (int i = threadIdx.x; i < count; i += KEEP_THREADS) {
    to[i] = tokens[i];
    if (slots[i] >= 0) last_drawn[slots[i]] = max(tokens[i], 0);
  }
  __syncthreads();
  if (threadIdx.x == 0) *turns += 1;
}
