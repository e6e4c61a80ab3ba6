// Linear layers for few rows: see linear.cuh.
#pragma once
#include "linear_formats.cuh"
#include "linear_out.cuh"

/** The 16-byte pieces of x that a step needs of row 8 n + g; rows beyond the last stand in for it, unread. */
template <class W, int N>
__device__ __forceinline__ void load_x(uint4 (*b)[W::X_CHUNKS], const typename W::X* x, const LinearShape& shape, int step, int g, int c) {
  constexpr int CHUNK = 16 / sizeof(typename W::X);
#pragma unroll
  for (int n = 0; n < N; n++) {
    const typename W::X* row = x + (size_t)min(n * 8 + g, shape.rows - 1) * shape.columns;
#pragma unroll
    for (int h = 0; h < W::X_CHUNKS; h++) {
      int k = step * W::STEP + (h * 4 + c) * CHUNK;
      b[n][h] = k < shape.columns ? load16(row + k) : zero16();
    }
  }
}

/** A warp's steps of formats whose operands are the loaded words: the next step's words take their place part by part. */
template <class W, int N, int T, int WARPS>
__device__ __forceinline__ void few_rows(const W& w, const typename W::X* x, const LinearShape& shape, int step, int to, int g, int c,
                                         typename W::Acc (*acc)[N][4]) {
  typename W::Step weights[T];
  if (step < to)
#pragma unroll
    for (int t = 0; t < T; t++) load_step(w, weights[t], blockIdx.x * T + t, step, g * 4 + c);
  await_previous();
  for (; step < to; step += WARPS) {
    uint4 b[N][W::X_CHUNKS];
    float xs[N][2];
    load_x<W, N>(b, x, shape, step, g, c);
#pragma unroll
    for (int n = 0; n < N; n++) load_x_scales(w, xs[n], n * 8 + 2 * c, shape.rows, step);
#pragma unroll
    for (int t = 0; t < T; t++) {
#pragma unroll
      for (int h = 0; h < W::X_CHUNKS; h++) {
        uint32_t a[2][4];
        w.operands(weights[t], h, a);
#pragma unroll
        for (int n = 0; n < N; n++) multiply(w, weights[t], h, a, b[n][h], acc[t][n], xs[n]);
      }
      if (step + WARPS < to) load_step(w, weights[t], blockIdx.x * T + t, step + WARPS, g * 4 + c);
    }
  }
}

/** A warp's steps of 4-bit weights, DEPTH of them on their way: exact integers times x, scaled group by group in float32. */
template <int SUBS, int N, int T, int DEPTH, int WARPS>
__device__ __forceinline__ void few_rows_int4(const Int4Weights<SUBS>& w, const bf16* x, const LinearShape& shape, int first, int to, int g, int c,
                                              float (*acc)[N][4]) {
  typename Int4Weights<SUBS>::Step ring[DEPTH][T];
#pragma unroll
  for (int d = 0; d < DEPTH; d++)
    if (first + d * WARPS < to)
#pragma unroll
      for (int t = 0; t < T; t++) w.load(ring[d][t], blockIdx.x * T + t, first + d * WARPS, 0, g * 4 + c);
  await_previous();
  for (int start = first; start < to; start += DEPTH * WARPS) {
#pragma unroll
    for (int d = 0; d < DEPTH; d++) {
      int step = start + d * WARPS;
      if (step >= to) break;
      int ahead = step + DEPTH * WARPS;
      bool more = ahead < to;
      uint4 b[N][4];
      load_x<Int4Weights<SUBS>, N>(b, x, shape, step, g, c);
      uint2 group[T][SUBS];
#pragma unroll
      for (int t = 0; t < T; t++)
#pragma unroll
        for (int sub = 0; sub < SUBS; sub++) {
          group[t][sub] = ring[d][t].group[sub];
          ring[d][t].group[sub] = __ldg(w.group_at(blockIdx.x * T + t, more ? ahead : step, sub, g));
        }
      float sum[T][N][4] = {};
#pragma unroll
      for (int i = 0; i < 8; i++) {
        int sub = i / (8 / SUBS), h = i / 2;
#pragma unroll
        for (int t = 0; t < T; t++) {
          uint32_t a[4];
          w.expand(w.word(ring[d][t].w[i / 4], i % 4), group[t][sub], a);
#pragma unroll
          for (int n = 0; n < N; n++) w.product(sum[t][n], a, i % 2 ? b[n][h].z : b[n][h].x, i % 2 ? b[n][h].w : b[n][h].y);
        }
        if (i % 4 == 3)
#pragma unroll
          for (int t = 0; t < T; t++) stream16_if(ring[d][t].w[i / 4], w.at(blockIdx.x * T + t, more ? ahead : step, g * 4 + c) + i / 4 * 32, more);
        if ((i + 1) % (8 / SUBS) == 0)
#pragma unroll
          for (int t = 0; t < T; t++) {
            float scale0 = w.scale(group[t][sub].x), scale1 = w.scale(group[t][sub].y);
#pragma unroll
            for (int n = 0; n < N; n++) {
              acc[t][n][0] += scale0 * sum[t][n][0], acc[t][n][1] += scale0 * sum[t][n][1];
              acc[t][n][2] += scale1 * sum[t][n][2], acc[t][n][3] += scale1 * sum[t][n][3];
              sum[t][n][0] = sum[t][n][1] = sum[t][n][2] = sum[t][n][3] = 0;
            }
          }
      }
    }
  }
}

/** Up to 8 N rows. Grid: tiles of 16 T outputs, splits. DEPTH: steps that a warp has on their way, for formats in groups. */
template <class W, int N, int T, int DEPTH, int WARPS>
__device__ __forceinline__ void linear_few(const W& w, const typename W::X* x, const LinearShape& shape, const LinearOut& out) {
  constexpr int OUTPUTS = 16 * T, ROWS = 8 * N;
  using Acc = typename W::Acc;
  __shared__ Acc shared[WARPS][ROWS][OUTPUTS + 4];
  __shared__ unsigned last;
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, c = lane % 4;
  int steps = (shape.columns + W::STEP - 1) / W::STEP;
  int from = (int)((long long)steps * blockIdx.y / gridDim.y), to = (int)((long long)steps * (blockIdx.y + 1) / gridDim.y);
  allow_next();
  Acc acc[T][N][4] = {};
  if constexpr (W::GROUPED)
    few_rows_int4<W::GROUPS_A_STEP, N, T, DEPTH, WARPS>(w, x, shape, from + warp, to, g, c, acc);
  else
    few_rows<W, N, T, WARPS>(w, x, shape, from + warp, to, g, c, acc);

#pragma unroll
  for (int t = 0; t < T; t++)
#pragma unroll
    for (int n = 0; n < N; n++)
#pragma unroll
      for (int i = 0; i < 4; i++) shared[warp][n * 8 + 2 * c + (i & 1)][t * 16 + g + (i >> 1) * 8] = acc[t][n][i];
  __syncthreads();
  for (int item = threadIdx.x; item < ROWS * OUTPUTS; item += WARPS * 32) {
    int row = item / OUTPUTS, output = blockIdx.x * OUTPUTS + item % OUTPUTS;
    if (row >= shape.rows || output >= shape.outputs) continue;
    Acc sum = 0;
#pragma unroll
    for (int v = 0; v < WARPS; v++) sum += shared[v][row][item % OUTPUTS];
    float value = w.finish(sum, row, output);
    size_t at = (size_t)row * shape.outputs + output;
    if (gridDim.y == 1)
      out.store(at, output, value);
    else
      out.partials[(size_t)blockIdx.y * shape.rows * shape.outputs + at] = value;
  }
  if (gridDim.y > 1 && last_to_arrive(out.arrivals + blockIdx.x, gridDim.y, &last))
    add_parts(shape, out, gridDim.y, 0, ROWS, blockIdx.x * OUTPUTS, OUTPUTS);
}
