// Linear layers: y = weight * x, in every format by the same two kernels.
//
// A warp computes 16 outputs a tile (the product's rows) for 8 rows of x a tile (its columns). Weights lie in memory in the fragments' own
// order and go to registers directly, 16 bytes a load and none twice in a block; within a step the terms of a sum are permuted alike in
// weights and x.
//   few:  the warps of a block share its outputs and take turns at the steps along the columns; x comes through the first-level cache.
//   many: each warp has its own outputs; x is staged in shared memory.
// A block may take a part of the columns; the last one to finish adds up the parts, always in the same order.
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

/**
 * Weights of 2 or 1 bytes in tiles of 16 outputs and 128 bytes of columns, as repack_rows.cu makes them: [tile][step][product][lane] of 16
 * bytes, a product's operands a0 to a3. Columns beyond the last are 0; tiles beyond the last are read as the last and not stored.
 */
struct Tiles {
  const uint4* data;
  int count, steps;

  struct Step {
    uint4 w[2][2];  // [load][product]
  };
  __device__ void load(Step& s, int tile, int step, int h, int lane) const {
    const uint4* at = data + (((size_t)min(tile, count - 1) * steps + step) * 4 + h * 2) * 32 + lane;
    s.w[h][0] = stream16(at);
    s.w[h][1] = stream16(at + 32);
  }
  __device__ static void operands(const Step& s, int h, uint32_t (*a)[4]) {
#pragma unroll
    for (int p = 0; p < 2; p++) a[p][0] = s.w[h][p].x, a[p][1] = s.w[h][p].y, a[p][2] = s.w[h][p].z, a[p][3] = s.w[h][p].w;
  }
};

__device__ __forceinline__ Tiles tiles_of(const void* data, int outputs, int row_bytes) {
  return {static_cast<const uint4*>(data), (outputs + 15) / 16, (row_bytes + 127) / 128};
}

/** bfloat16 weights and x. */
struct Bf16Weights {
  using X = bf16;
  using Acc = float;
  static constexpr bool GROUPED = false, SCALES_STEPS = false;
  static constexpr int STEP = 64;  // columns: 128 bytes of a row of x
  static constexpr int X_CHUNKS = 2;  // 16-byte loads of x a row tile and step, for each of 4 lanes
  static constexpr int LOADS = 2;  // parts of a step that are loaded, and free for the next step, one by one
  Tiles tiles;

  using Step = Tiles::Step;
  __device__ void load(Step& s, int tile, int step, int h, int lane) const { tiles.load(s, tile, step, h, lane); }
  __device__ void operands(const Step& s, int h, uint32_t (*a)[4]) const { Tiles::operands(s, h, a); }
  __device__ static void product(float* d, const uint32_t* a, uint32_t b0, uint32_t b1) { mma_bf16(d, a[0], a[1], a[2], a[3], b0, b1); }
  __device__ float finish(float acc, int, int) const { return acc; }
};

/**
 * 4-bit weights in tiles of 16 outputs and 128 columns: 1024 bytes, 2 x 16 for each lane; word s of load i holds the product's operands
 * a0 to a3, nibble p and p + 4 the low and high half of a_p. A group's pair of words, [tile][group][g], is for outputs g and g + 8: the scale
 * in f16 below, 128 + zero in bfloat16 above. W = (q - zero) * scale * factor.
 */
template <int SUBS>  // groups a step: 1 (128 columns or more), 2 or 4
struct Int4Weights {
  using X = bf16;
  using Acc = float;
  static constexpr int STEP = 128;
  static constexpr int X_CHUNKS = 4;
  static constexpr bool GROUPED = true, SCALES_STEPS = false;
  static constexpr int GROUPS_A_STEP = SUBS;
  static constexpr int LOADS = 1;
  const uint4* data;
  const uint2* groups_of;
  float factor;
  int count, steps, groups, steps_per_group;  // count: of tiles

  struct Step {
    uint4 w[2];
    uint2 group[SUBS];
  };
  __device__ const uint4* at(int tile, int step, int lane) const { return data + ((size_t)min(tile, count - 1) * steps + step) * 64 + lane; }
  __device__ const uint2* group_at(int tile, int step, int sub, int g) const {
    int group = SUBS == 1 ? step / steps_per_group : min(step * SUBS + sub, groups - 1);
    return groups_of + ((size_t)min(tile, count - 1) * groups + group) * 8 + g;
  }
  __device__ void load(Step& s, int tile, int step, int, int lane) const {
    const uint4* from = at(tile, step, lane);
    s.w[0] = stream16(from);
    s.w[1] = stream16(from + 32);
#pragma unroll
    for (int i = 0; i < SUBS; i++) s.group[i] = __ldg(group_at(tile, step, i, lane / 4));
  }
  __device__ static uint32_t word(const uint4& v, int i) { return i == 0 ? v.x : i == 1 ? v.y : i == 2 ? v.z : v.w; }
  /** q - zero, exactly. */
  __device__ static void expand(uint32_t w, uint2 group, uint32_t* a) {
    uint32_t zero0 = __byte_perm(group.x, 0, 0x3232), zero1 = __byte_perm(group.y, 0, 0x3232);
#pragma unroll
    for (int i = 0; i < 4; i++) {
      uint32_t v = ((w >> (4 * i)) & 0x000f000fu) | 0x43004300u;  // 128 + q
      bf162 d = __hsub2(reinterpret_cast<bf162&>(v), reinterpret_cast<const bf162&>(i & 1 ? zero1 : zero0));
      a[i] = reinterpret_cast<uint32_t&>(d);
    }
  }
  __device__ static float scale(uint32_t group) { return __half2float(__ushort_as_half(group & 0xffff)); }
  /** For many rows: weights scaled in bfloat16. */
  __device__ void operands(const Step& s, int h, uint32_t (*a)[4]) const {
#pragma unroll
    for (int i = 0; i < 2; i++) {
      uint2 group = s.group[(h * 2 + i) / (8 / SUBS)];
      expand(word(s.w[h / 2], h % 2 * 2 + i), group, a[i]);
      bf162 scale0 = __float2bfloat162_rn(scale(group.x)), scale1 = __float2bfloat162_rn(scale(group.y));
#pragma unroll
      for (int j = 0; j < 4; j++) {
        bf162 d = __hmul2(reinterpret_cast<bf162&>(a[i][j]), j & 1 ? scale1 : scale0);
        a[i][j] = reinterpret_cast<uint32_t&>(d);
      }
    }
  }
  __device__ static void product(float* d, const uint32_t* a, uint32_t b0, uint32_t b1) { mma_bf16(d, a[0], a[1], a[2], a[3], b0, b1); }
  __device__ float finish(float acc, int, int) const { return acc * factor; }
};

/** e4m3 weights and x: a scale a row of x; weight scales a block of rows x columns (columns: all or 128). */
template <bool BLOCKS>
struct Fp8Weights {
  using X = fp8;
  using Acc = float;
  static constexpr bool GROUPED = false, SCALES_STEPS = BLOCKS;
  static constexpr int STEP = 128;
  static constexpr int X_CHUNKS = 2;
  static constexpr int LOADS = 2;
  Tiles tiles;
  const float* scales;  // [ceil(outputs / block_rows)][BLOCKS ? ceil(columns / 128) : 1]
  const float* x_scales;  // [rows], or with BLOCKS [rows][ceil(columns / 128)]
  int outputs, block_rows;

  struct Step : Tiles::Step {
    float scale[2][2];  // [row][load]
  };
  __device__ int column_blocks() const { return BLOCKS ? tiles.steps : 1; }
  __device__ void load(Step& s, int tile, int step, int h, int lane) const {
    tiles.load(s, tile, step, h, lane);
    if (BLOCKS)
#pragma unroll
      for (int r = 0; r < 2; r++)
        s.scale[r][h] = __ldg(scales + min(tile * 16 + lane / 4 + 8 * r, outputs - 1) / block_rows * column_blocks() + step);
  }
  __device__ void operands(const Step& s, int h, uint32_t (*a)[4]) const { Tiles::operands(s, h, a); }
  __device__ static void product(float* d, const uint32_t* a, uint32_t b0, uint32_t b1) { mma_e4m3(d, a[0], a[1], a[2], a[3], b0, b1); }
  __device__ void add(const Step& s, int h, const float* sum, const float* xs, float* acc) const {
#pragma unroll
    for (int i = 0; i < 4; i++) acc[i] += s.scale[i >> 1][h] * xs[i & 1] * sum[i];
  }
  __device__ float finish(float acc, int row, int output) const {
    return BLOCKS ? acc : acc * x_scales[row] * scales[output / block_rows];
  }
};

/** Signed bytes with a scale a row, and x alike. */
struct Int8Weights {
  using X = int8_t;
  using Acc = int;
  static constexpr bool GROUPED = false, SCALES_STEPS = false;
  static constexpr int STEP = 128;
  static constexpr int X_CHUNKS = 2;
  static constexpr int LOADS = 2;
  Tiles tiles;
  const float* scales;  // [outputs]
  const float* x_scales;  // [rows]

  using Step = Tiles::Step;
  __device__ void load(Step& s, int tile, int step, int h, int lane) const { tiles.load(s, tile, step, h, lane); }
  __device__ void operands(const Step& s, int h, uint32_t (*a)[4]) const { Tiles::operands(s, h, a); }
  __device__ static void product(int* d, const uint32_t* a, uint32_t b0, uint32_t b1) { mma_s8(d, a[0], a[1], a[2], a[3], b0, b1); }
  __device__ float finish(int acc, int row, int output) const { return acc * x_scales[row] * scales[output]; }
};

/** The scales of x's rows row and row + 1, for formats that scale step by step. */
template <class W>
__device__ __forceinline__ void load_x_scales(const W& w, float* xs, int row, int rows, int step) {
  if constexpr (W::SCALES_STEPS) {
#pragma unroll
    for (int i = 0; i < 2; i++) xs[i] = __ldg(w.x_scales + (size_t)min(row + i, rows - 1) * w.column_blocks() + step);
  }
}

template <class W>
__device__ __forceinline__ void load_step(const W& w, typename W::Step& s, int tile, int step, int lane) {
#pragma unroll
  for (int h = 0; h < W::LOADS; h++) w.load(s, tile, step, h, lane);
}

/** acc += 16 outputs x 8 rows over 64 bytes of x, scaled on the way where scales change along the columns. */
template <class W>
__device__ __forceinline__ void multiply(const W& w, const typename W::Step& s, int h, const uint32_t (*a)[4], uint4 x, typename W::Acc* acc,
                                         const float* xs) {
  if constexpr (W::SCALES_STEPS) {
    float sum[4] = {};
    W::product(sum, a[0], x.x, x.y), W::product(sum, a[1], x.z, x.w);
    w.add(s, h, sum, xs, acc);
  } else {
    W::product(acc, a[0], x.x, x.y), W::product(acc, a[1], x.z, x.w);
  }
}

constexpr int AT_ONCE = 4;  // row tiles whose products are interleaved: a product waits long for the one before on the same sums

template <class W, int N, int T>
__device__ __forceinline__ void multiply_tiles(const W& w, const typename W::Step* weights, int h, const uint32_t (*a)[2][4], const uint4* b,
                                               int first, typename W::Acc (*acc)[N][4], const float (*xs)[2]) {
  if constexpr (W::SCALES_STEPS) {
#pragma unroll
    for (int i = 0; i < AT_ONCE; i++)
#pragma unroll
      for (int t = 0; t < T; t++) multiply(w, weights[t], h, a[t], b[i], acc[t][first + i], xs[i]);
  } else {
#pragma unroll
    for (int p = 0; p < 2; p++)
#pragma unroll
      for (int i = 0; i < AT_ONCE; i++)
#pragma unroll
        for (int t = 0; t < T; t++) W::product(acc[t][first + i], a[t][p], p ? b[i].z : b[i].x, p ? b[i].w : b[i].y);
  }
}

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
