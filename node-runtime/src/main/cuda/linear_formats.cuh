// What the linear kernels know of each weight format: where a step's words lie, how they become a product's operands, how sums are scaled.
#pragma once
#include "kernel.cuh"

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
      uint32_t v;  // 128 + q
      asm("lop3.b32 %0, %1, 0x000f000f, %2, 0xea;" : "=r"(v) : "r"(w >> (4 * i)), "r"(0x43004300));
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

template <int SUBS>
__device__ __forceinline__ Int4Weights<SUBS> int4_weights(const uint4* data, const uint2* groups, float factor, int group_size, int outputs, int columns) {
  return {data, groups, factor, (outputs + 15) / 16, (columns + 127) / 128, (columns + group_size - 1) / group_size, max(group_size / 128, 1)};
}

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
