// Takes over what the host has filled in for a step, straight from its memory: arrays to their places in the area, block-table entries to the
// tables, and for tokens that the host doesn't know what was last drawn for the row's slot. The host fills two slots by turns. One block, so
// that all of it costs one trip over the bus.
#include "kernel.cuh"

namespace {

constexpr int FETCH_THREADS = 1024, FETCH_PARTS = 64;

struct Header {
  int parts, updates, rows, unused;
  int2 part[FETCH_PARTS];  // where, and how many bytes
};

__device__ __forceinline__ uint4 from_host(const void* p) { return __ldcv(reinterpret_cast<const uint4*>(p)); }

}  // namespace

extern "C" __global__ void __launch_bounds__(FETCH_THREADS) fetch_step(const char* ring, int slot_bytes, unsigned* turns, char* area, int updates_at,
                                                                      int* tables, int tokens_at, int row_slots_at, const int* last_drawn) {
  __shared__ __align__(16) Header header;
  await_previous();
  const char* from = ring + (size_t)(*turns & 1) * slot_bytes;
  if (threadIdx.x < sizeof(Header) / 16) reinterpret_cast<uint4*>(&header)[threadIdx.x] = from_host(from + 16 * threadIdx.x);
  __syncthreads();
  int p = 0, before = 0;
  for (int unit = threadIdx.x;; unit += FETCH_THREADS) {
    for (int units; p < header.parts && unit - before >= (units = (header.part[p].y + 15) / 16); p++) before += units;
    if (p == header.parts) break;
    size_t at = header.part[p].x + 16 * (size_t)(unit - before);
    *reinterpret_cast<uint4*>(area + at) = from_host(from + at);
  }
  const int2* updates = reinterpret_cast<const int2*>(from + updates_at);
  for (int i = threadIdx.x; i < header.updates; i += FETCH_THREADS) {
    int2 update = __ldcv(updates + i);
    tables[update.x] = update.y;
  }
  __syncthreads();
  int* tokens = reinterpret_cast<int*>(area + tokens_at);
  const int* slots = reinterpret_cast<const int*>(area + row_slots_at);
  for (int row = threadIdx.x; row < header.rows; row += FETCH_THREADS)
    if (tokens[row] < 0) tokens[row] = last_drawn[slots[row]];
  if (threadIdx.x == 0) *turns += 1;
  // Kernels that come later but start early read lengths and tables before they wait for anything.
  __threadfence();
}
