// Linear layers for many rows: see linear.cuh.
#pragma once
#include "linear_formats.cuh"
#include "linear_out.cuh"

constexpr int LINEAR_STAGES = 4;

/** Any number of rows, 8 N a block. Grid: tiles of rows, tiles of 128 T outputs, splits. Shared memory: 4 stages of 8 N x 128 bytes. */
template <class W, int N, int T>
__device__ __forceinline__ void linear_many(const W& w, const typename W::X* x, const LinearShape& shape, const LinearOut& out) {
  constexpr int ROWS = 8 * N, CHUNK = 16 / sizeof(typename W::X), STAGE = ROWS * 128;
  constexpr int HALVES = W::X_CHUNKS / 2;  // stages a step
  constexpr int COLUMNS = 8 * CHUNK;  // a stage
  using Acc = typename W::Acc;
  extern __shared__ __align__(128) uint8_t staged[];
  __shared__ unsigned last;
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, c = lane % 4;
  int first_row = blockIdx.x * ROWS, first_tile = (blockIdx.y * LINEAR_WARPS + warp) * T;
  int steps = (shape.columns + W::STEP - 1) / W::STEP;
  int from = (int)((long long)steps * blockIdx.z / gridDim.z), to = (int)((long long)steps * (blockIdx.z + 1) / gridDim.z);
  int first_stage = from * HALVES, end_stage = to * HALVES;
  bool idle = first_tile * 16 >= shape.outputs;

  auto fill = [&](int stage) {
    if (stage < end_stage) {
      uint32_t base = shared_address(staged) + stage % LINEAR_STAGES * STAGE;
#pragma unroll
      for (int i = 0; i < (ROWS * 8 + LINEAR_THREADS - 1) / LINEAR_THREADS; i++) {
        int unit = i * LINEAR_THREADS + threadIdx.x, row = unit / 8, u = unit % 8;
        if (ROWS * 8 % LINEAR_THREADS && row >= ROWS) break;
        int k = stage * COLUMNS + u * CHUNK, from_row = first_row + row;
        bool there = k < shape.columns && from_row < shape.rows;
        copy16_async(base + row * 128 + ((u ^ (row & 1) * 4) * 16), there ? x + (size_t)from_row * shape.columns + k : x, there);
      }
    }
    copies_commit();
  };
  allow_next();
  Acc acc[T][N][4] = {};
  // Operands that are the loaded words themselves make room for the next step part by part; others are made from a copy.
  constexpr bool IN_PLACE = W::LOADS == W::X_CHUNKS;
  typename W::Step weights[T], next[IN_PLACE ? 1 : T];
  if (!idle && from < to)
#pragma unroll
    for (int t = 0; t < T; t++) load_step(w, weights[t], first_tile + t, from, lane);
  await_previous();
#pragma unroll
  for (int s = 0; s < LINEAR_STAGES - 1; s++) fill(first_stage + s);
  for (int step = from; step < to; step++) {
    if (!IN_PLACE && !idle && step + 1 < to)
#pragma unroll
      for (int t = 0; t < T; t++) load_step(w, next[IN_PLACE ? 0 : t], first_tile + t, step + 1, lane);
#pragma unroll
    for (int half = 0; half < HALVES; half++) {
      int stage = step * HALVES + half;
      copies_wait<LINEAR_STAGES - 2>();
      __syncthreads();
      fill(stage + LINEAR_STAGES - 1);
      if (idle) continue;
      const uint4* base = reinterpret_cast<const uint4*>(staged + stage % LINEAR_STAGES * STAGE + g * 128);
      int swap = (g & 1) * 4;
#pragma unroll
      for (int part = 0; part < 2; part++) {
        int h = half * 2 + part;
        uint32_t a[T][2][4];
#pragma unroll
        for (int t = 0; t < T; t++) w.operands(weights[t], h, a[t]);
#pragma unroll
        for (int first = 0; first < N; first += AT_ONCE) {
          uint4 b[AT_ONCE];
          float xs[AT_ONCE][2];
#pragma unroll
          for (int i = 0; i < AT_ONCE; i++) {
            b[i] = base[(first + i) * 64 + ((part * 4 + c) ^ swap)];
            load_x_scales(w, xs[i], first_row + (first + i) * 8 + 2 * c, shape.rows, step);
          }
          multiply_tiles<W, N, T>(w, weights, h, a, b, first, acc, xs);
        }
        if (IN_PLACE && step + 1 < to)
#pragma unroll
          for (int t = 0; t < T; t++) w.load(weights[t], first_tile + t, step + 1, h, lane);
      }
    }
    if (!IN_PLACE)
#pragma unroll
      for (int t = 0; t < T; t++) weights[t] = next[IN_PLACE ? 0 : t];
  }
  copies_wait<0>();

#pragma unroll
  for (int t = 0; t < T; t++)
#pragma unroll
    for (int n = 0; n < N; n++)
#pragma unroll
      for (int i = 0; i < 4; i++) {
        int row = first_row + n * 8 + 2 * c + (i & 1), output = (first_tile + t) * 16 + g + (i >> 1) * 8;
        if (row >= shape.rows || output >= shape.outputs) continue;
        float value = w.finish(acc[t][n][i], row, output);
        size_t at = (size_t)row * shape.outputs + output;
        if (gridDim.z == 1)
          out.store(at, output, value);
        else
          out.partials[(size_t)blockIdx.z * shape.rows * shape.outputs + at] = value;
      }
  if (gridDim.z > 1 && last_to_arrive(out.arrivals + blockIdx.y * gridDim.x + blockIdx.x, gridDim.z, &last))
    add_parts(shape, out, gridDim.z, first_row, ROWS, blockIdx.y * LINEAR_WARPS * T * 16, LINEAR_WARPS * T * 16);
}
