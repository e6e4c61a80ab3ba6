// How each format's weights reach Hopper's warpgroup products: through a ring in shared memory that each lane fills and reads for itself, in
// stages of X_BLOCKS x 128 bytes of a row of x.
#pragma once
#include "linear_formats.cuh"

__device__ __forceinline__ void copy8_async(uint32_t shared, const void* from) {
  asm volatile("cp.async.ca.shared.global [%0], [%1], 8;" ::"r"(shared), "l"(from));
}

__device__ __forceinline__ uint4 shared16(uint32_t at) {
  uint4 v;
  asm volatile("ld.shared.v4.u32 {%0,%1,%2,%3}, [%4];" : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w) : "r"(at));
  return v;
}

__device__ __forceinline__ uint2 shared8(uint32_t at) {
  uint2 v;
  asm volatile("ld.shared.v2.u32 {%0,%1}, [%2];" : "=r"(v.x), "=r"(v.y) : "r"(at));
  return v;
}

/** Bytes of a tile's stage in the ring: LOADS x 16 and GROUPS x 8 a lane. */
template <class Feed>
constexpr int feed_bytes() { return (Feed::LOADS * 16 + Feed::GROUPS * 8) * 32; }

/** Formats whose operands are the stored words. FOLDING: sums of 128 columns are added in float32, scaled on the way where scales change there. */
template <class Weights, bool FOLDING, bool STEP_SCALES>
struct WordFeed {
  using X = typename Weights::X;
  using Kind = X;
  using Acc = typename Weights::Acc;
  static constexpr int X_BLOCKS = 1, LOADS = 4, GROUPS = 0;
  static constexpr bool FOLDS = FOLDING, SCALES_STEPS = STEP_SCALES;
  Weights weights;

  struct Operands {
    uint32_t a[4][4];
    float scale[2];
  };
  __device__ int stages() const { return weights.tiles.steps; }
  __device__ void fill(uint32_t slot, int tile, int stage, int lane) const {
    const uint4* from = weights.tiles.data + (((uint32_t)min(tile, weights.tiles.count - 1) * weights.tiles.steps + stage) * 128 + lane);
#pragma unroll
    for (int i = 0; i < LOADS; i++) copy16_async(slot + i * 512 + lane * 16, from + i * 32, true);
  }
  __device__ void take(Operands& o, uint32_t slot, int tile, int stage, int lane) const {
#pragma unroll
    for (int i = 0; i < LOADS; i++) {
      uint4 v = shared16(slot + i * 512 + lane * 16);
      o.a[i][0] = v.x, o.a[i][1] = v.y, o.a[i][2] = v.z, o.a[i][3] = v.w;
    }
    if constexpr (SCALES_STEPS) {
#pragma unroll
      for (int r = 0; r < 2; r++) {
        int output = min(tile * 16 + lane / 4 + 8 * r, weights.outputs - 1);
        o.scale[r] = __ldg(weights.scales + (size_t)(output / weights.block_rows) * weights.column_blocks() + stage);
      }
    }
  }
  __device__ static void fold(const Operands& o, const Acc* sum, const float* xs, Acc* acc) {
#pragma unroll
    for (int i = 0; i < 4; i++) acc[i] += SCALES_STEPS ? o.scale[i >> 1] * xs[i & 1] * sum[i] : sum[i];
  }
  __device__ float finish(Acc acc, int row, int output) const { return weights.finish(acc, row, output); }
};

/** 4-bit weights. EXACT: integers times x, scaled group by group in float32, for groups of 128 columns; else scaled in bfloat16 first. */
template <int SUBS, bool EXACT>
struct Int4Feed {
  using X = bf16;
  using Kind = bf16;
  using Acc = float;
  static constexpr int X_BLOCKS = EXACT ? 2 : 1, LOADS = X_BLOCKS, GROUPS = SUBS == 4 ? 2 : 1;
  static constexpr bool FOLDS = EXACT, SCALES_STEPS = false;
  static constexpr int WORDS = 4 * LOADS;
  static_assert(SUBS == 1 || !EXACT);
  Int4Weights<SUBS> weights;
  uint32_t inverse;  // stages -> groups: 2^32 / the stages of a group, rounded up; 0 for one stage a group

  __device__ static Int4Feed of(const Int4Weights<SUBS>& weights) {
    uint32_t stages = weights.steps_per_group * 2 / X_BLOCKS;
    return {weights, stages > 1 ? 0xffffffffu / stages + 1 : 0};
  }
  struct Operands {
    uint32_t a[WORDS][4];
    float scale[2];
  };
  __device__ int stages() const { return weights.steps * 2 / X_BLOCKS; }
  __device__ int group(int stage, int i) const {
    int group = SUBS == 1 ? inverse ? __umulhi(stage, inverse) : stage : stage * GROUPS + i;
    return min(group, weights.groups - 1);
  }
  __device__ void fill(uint32_t slot, int tile, int stage, int lane) const {
    tile = min(tile, weights.count - 1);
    const uint4* from = weights.data + (((uint32_t)tile * stages() + stage) * (LOADS * 32) + lane);
#pragma unroll
    for (int i = 0; i < LOADS; i++) copy16_async(slot + i * 512 + lane * 16, from + i * 32, true);
#pragma unroll
    for (int i = 0; i < GROUPS; i++)
      copy8_async(slot + LOADS * 512 + i * 256 + lane * 8, weights.groups_of + (((uint32_t)tile * weights.groups + group(stage, i)) * 8 + lane / 4));
  }
  __device__ void take(Operands& o, uint32_t slot, int, int, int lane) const {
    uint2 groups[GROUPS];
#pragma unroll
    for (int i = 0; i < GROUPS; i++) groups[i] = shared8(slot + LOADS * 512 + i * 256 + lane * 8);
#pragma unroll
    for (int i = 0; i < LOADS; i++) {
      uint4 v = shared16(slot + i * 512 + lane * 16);
#pragma unroll
      for (int s = 0; s < 4; s++) operand(o.a[i * 4 + s], weights.word(v, s), groups[GROUPS == 2 ? s / 2 : 0]);
    }
    if (EXACT) o.scale[0] = weights.scale(groups[0].x), o.scale[1] = weights.scale(groups[0].y);
  }
  __device__ void operand(uint32_t* a, uint32_t word, uint2 group) const {
    weights.expand(word, group, a);
    if (!EXACT) {
      bf162 scale0 = __float2bfloat162_rn(weights.scale(group.x)), scale1 = __float2bfloat162_rn(weights.scale(group.y));
#pragma unroll
      for (int j = 0; j < 4; j++) {
        bf162 d = __hmul2(reinterpret_cast<bf162&>(a[j]), j & 1 ? scale1 : scale0);
        a[j] = reinterpret_cast<uint32_t&>(d);
      }
    }
  }
  __device__ static void fold(const Operands& o, const float* sum, const float*, float* acc) {
#pragma unroll
    for (int i = 0; i < 4; i++) acc[i] += o.scale[i >> 1] * sum[i];
  }
  __device__ float finish(float acc, int row, int output) const { return weights.finish(acc, row, output); }
};
