// Attention of one query row a sequence over its paged keys and values.
//
// Scores are computed as K * Q^T and outputs as V^T * P^T on tensor cores, so that 16 tokens fill the wide side and up to 8 query heads that
// share a KV head the narrow one. Keys and values go from memory to registers in the fragments' own order, 16 bytes a load: dot products and
// sums do not mind a permutation of their terms. A block takes one part of one sequence's tokens for one KV head; the last block of a sequence
// to finish merges the parts.
//
// Cache: [block][kv head][place][DIM]; a block of tokens is a multiple of 16. A head of fewer dimensions than DIM is followed by zeros there, but
// not in queries and outputs.
#include "kernel.cuh"

namespace {

constexpr int WARPS = 4;
constexpr int HEADS = 8;  // query heads a block can take
constexpr int MOST_SPLITS = 64;
constexpr int ONE_PART = 8, PART_TILES = 4;  // tiles of 16 tokens that are not split; that a part has at least

/** What is read of 16 tokens, and how it becomes operands. */
template <class T, int DIM>
struct Tile;

template <int DIM>
struct Tile<bf16, DIM> {
  static constexpr int K_LOADS = DIM / 32;  // of 16 bytes, for each of two tokens
  static constexpr int V_WIDTH = DIM % 64 == 0 ? 8 : 4;  // elements a load
  static constexpr int V_LOADS = DIM / (8 * V_WIDTH);
  static constexpr int V_WORDS = V_WIDTH / 2;
  uint4 k[2][K_LOADS];
  uint32_t v[4][V_LOADS][V_WORDS];

  __device__ static void load_query(const bf16* q, int dim, int c, uint32_t (*frag)[2]) {
    for (int j = 0; j < K_LOADS; j++) {
      uint4 x = zero16();
      int d = j * 32 + c * 8;
      if (dim % 8 == 0) {
        if (d < dim) x = load16(q + d);
      } else {
        float f[8];
        for (int i = 0; i < 8; i++) f[i] = d + i < dim ? __bfloat162float(q[d + i]) : 0.f;
        x = pack8(f);
      }
      frag[2 * j][0] = x.x, frag[2 * j][1] = x.y, frag[2 * j + 1][0] = x.z, frag[2 * j + 1][1] = x.w;
    }
  }
  __device__ void load_keys(const bf16* keys, int g, int c) {
#pragma unroll
    for (int r = 0; r < 2; r++)
#pragma unroll
      for (int j = 0; j < K_LOADS; j++) k[r][j] = stream16(keys + (g + 8 * r) * DIM + j * 32 + c * 8);
  }
  __device__ void load_values(const bf16* values, int g, int c) {
#pragma unroll
    for (int t = 0; t < 4; t++) {
      int token = 2 * c + (t & 1) + (t >> 1) * 8;
#pragma unroll
      for (int j = 0; j < V_LOADS; j++) {
        const bf16* at = values + token * DIM + j * 8 * V_WIDTH + g * V_WIDTH;
        if constexpr (V_WIDTH == 8) {
          uint4 x = stream16(at);
          v[t][j][0] = x.x, v[t][j][1] = x.y, v[t][j][2] = x.z, v[t][j][3] = x.w;
        } else {
          uint2 x = __ldg(reinterpret_cast<const uint2*>(at));
          v[t][j][0] = x.x, v[t][j][1] = x.y;
        }
      }
    }
  }
  /** What lies behind a sequence's end may be anything, not a number included, which no weight of 0 would silence. */
  __device__ void drop_values(int from, int c) {
    for (int t = 0; t < 4; t++)
      if (2 * c + (t & 1) + (t >> 1) * 8 >= from)
        for (int j = 0; j < V_LOADS; j++)
          for (int w = 0; w < V_WORDS; w++) v[t][j][w] = 0;
  }
  __device__ void scores(float* s, const uint32_t (*q)[2]) const {
#pragma unroll
    for (int j = 0; j < K_LOADS; j++) {
      mma_bf16(s, k[0][j].x, k[1][j].x, k[0][j].y, k[1][j].y, q[2 * j][0], q[2 * j][1]);
      mma_bf16(s, k[0][j].z, k[1][j].z, k[0][j].w, k[1][j].w, q[2 * j + 1][0], q[2 * j + 1][1]);
    }
  }
  __device__ static uint32_t pack(float a, float b) { return pack_bf16(a, b); }
  /** o[j * V_WORDS + w] has dimensions j * 8 * V_WIDTH + g * V_WIDTH + 2 w and + 1. */
  __device__ void add_values(float (*o)[4], uint32_t p0, uint32_t p1) const {
#pragma unroll
    for (int j = 0; j < V_LOADS; j++)
#pragma unroll
      for (int w = 0; w < V_WORDS; w++)
        mma_bf16(o[j * V_WORDS + w], __byte_perm(v[0][j][w], v[1][j][w], 0x5410), __byte_perm(v[0][j][w], v[1][j][w], 0x7632),
                 __byte_perm(v[2][j][w], v[3][j][w], 0x5410), __byte_perm(v[2][j][w], v[3][j][w], 0x7632), p0, p1);
  }
};

template <int DIM>
struct Tile<fp8, DIM> {
  static constexpr int K_WIDTH = DIM % 64 == 0 ? 16 : 8;  // elements a load; a pair of them feeds a product
  static constexpr int K_LOADS = DIM / (4 * K_WIDTH);
  static constexpr int K_WORDS = K_WIDTH / 4;
  static constexpr int V_WIDTH = DIM % 128 == 0 ? 16 : DIM % 64 == 0 ? 8 : 4;
  static constexpr int V_LOADS = DIM / (8 * V_WIDTH);
  static constexpr int V_WORDS = V_WIDTH / 2;  // outputs' pairs of dimensions a load
  uint32_t k[2][K_LOADS][K_WORDS];
  uint32_t v[4][V_LOADS][V_WIDTH / 4];

  template <int BYTES>
  __device__ static void load(const fp8* from, uint32_t* to) {
    if constexpr (BYTES == 16) {
      uint4 x = stream16(from);
      to[0] = x.x, to[1] = x.y, to[2] = x.z, to[3] = x.w;
    } else if constexpr (BYTES == 8) {
      uint2 x = __ldg(reinterpret_cast<const uint2*>(from));
      to[0] = x.x, to[1] = x.y;
    } else {
      to[0] = __ldg(reinterpret_cast<const uint32_t*>(from));
    }
  }
  /** The query in f16: e4m3 is exact there, and its range is ample for a query. */
  __device__ static void load_query(const bf16* q, int dim, int c, uint32_t (*frag)[2]) {
    for (int j = 0; j < K_LOADS; j++)
      for (int w = 0; w < K_WORDS; w++) {
        int d = j * 4 * K_WIDTH + c * K_WIDTH + 4 * w;
        float f[4] = {0, 0, 0, 0};
        if (dim % 4 == 0) {
          uint2 x = d < dim ? *reinterpret_cast<const uint2*>(q + d) : make_uint2(0, 0);
          f[0] = low(x.x), f[1] = high(x.x), f[2] = low(x.y), f[3] = high(x.y);
        } else {
          for (int i = 0; i < 4; i++) f[i] = d + i < dim ? __bfloat162float(q[d + i]) : 0.f;
        }
        for (int i = 0; i < 4; i++) f[i] = fminf(fmaxf(f[i], -65504.f), 65504.f);
        frag[j * K_WORDS + w][0] = pack_f16(f[0], f[1]), frag[j * K_WORDS + w][1] = pack_f16(f[2], f[3]);
      }
  }
  __device__ void load_keys(const fp8* keys, int g, int c) {
#pragma unroll
    for (int r = 0; r < 2; r++)
#pragma unroll
      for (int j = 0; j < K_LOADS; j++) load<K_WIDTH>(keys + (g + 8 * r) * DIM + j * 4 * K_WIDTH + c * K_WIDTH, k[r][j]);
  }
  __device__ void load_values(const fp8* values, int g, int c) {
#pragma unroll
    for (int t = 0; t < 4; t++)
#pragma unroll
      for (int j = 0; j < V_LOADS; j++)
        load<V_WIDTH>(values + (2 * c + (t & 1) + (t >> 1) * 8) * DIM + j * 8 * V_WIDTH + g * V_WIDTH, v[t][j]);
  }
  __device__ void drop_values(int from, int c) {
    for (int t = 0; t < 4; t++)
      if (2 * c + (t & 1) + (t >> 1) * 8 >= from)
        for (int j = 0; j < V_LOADS; j++)
          for (int w = 0; w < V_WIDTH / 4; w++) v[t][j][w] = 0;
  }
  __device__ void scores(float* s, const uint32_t (*q)[2]) const {
#pragma unroll
    for (int j = 0; j < K_LOADS; j++)
#pragma unroll
      for (int w = 0; w < K_WORDS; w++) {
        uint32_t a = k[0][j][w], b = k[1][j][w];
        mma_f16(s, e4m3_to_f16(a & 0xffff), e4m3_to_f16(b & 0xffff), e4m3_to_f16(a >> 16), e4m3_to_f16(b >> 16),
                q[j * K_WORDS + w][0], q[j * K_WORDS + w][1]);
      }
  }
  __device__ static uint32_t pack(float a, float b) { return pack_f16(a, b); }
  __device__ void add_values(float (*o)[4], uint32_t p0, uint32_t p1) const {
#pragma unroll
    for (int j = 0; j < V_LOADS; j++)
#pragma unroll
      for (int w = 0; w < V_WIDTH / 4; w++) {
        uint32_t ab = __byte_perm(v[0][j][w], v[1][j][w], 0x5140), cd = __byte_perm(v[0][j][w], v[1][j][w], 0x7362);
        uint32_t ef = __byte_perm(v[2][j][w], v[3][j][w], 0x5140), gh = __byte_perm(v[2][j][w], v[3][j][w], 0x7362);
        mma_f16(o[j * V_WORDS + 2 * w], e4m3_to_f16(ab & 0xffff), e4m3_to_f16(ab >> 16), e4m3_to_f16(ef & 0xffff), e4m3_to_f16(ef >> 16), p0, p1);
        mma_f16(o[j * V_WORDS + 2 * w + 1], e4m3_to_f16(cd & 0xffff), e4m3_to_f16(cd >> 16), e4m3_to_f16(gh & 0xffff), e4m3_to_f16(gh >> 16), p0, p1);
      }
  }
};

/** Merges the parts of one sequence and KV head; first each part's weight, then each dimension's sum. */
template <int DIM>
__device__ void merge(const float* partial, const float* sums, int splits, int heads, int dim, float* weights, bf16* out) {
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  for (int head = warp; head < heads; head += WARPS) {
    float max[MOST_SPLITS / 32], sum[MOST_SPLITS / 32], largest = -INFINITY, total = 0;
#pragma unroll
    for (int i = 0; i < MOST_SPLITS / 32; i++) {
      int s = i * 32 + lane;
      float2 v = s < splits ? __ldcg(reinterpret_cast<const float2*>(sums) + s * HEADS + head) : make_float2(-INFINITY, 0);
      max[i] = v.x, sum[i] = v.y;
      largest = fmaxf(largest, v.x);
    }
    largest = warp_max(largest);
#pragma unroll
    for (int i = 0; i < MOST_SPLITS / 32; i++) {
      max[i] = exp2f(max[i] - largest);
      total += max[i] * sum[i];
    }
    total = warp_sum(total);
#pragma unroll
    for (int i = 0; i < MOST_SPLITS / 32; i++) weights[head * MOST_SPLITS + i * 32 + lane] = max[i] / total;
  }
  __syncthreads();
  for (int item = threadIdx.x * 4; item < heads * DIM; item += WARPS * 128) {
    int head = item / DIM;
    float4 v = make_float4(0, 0, 0, 0);
#pragma unroll 8
    for (int s = 0; s < splits; s++) {
      float weight = weights[head * MOST_SPLITS + s];
      float4 part = __ldcg(reinterpret_cast<const float4*>(partial + s * HEADS * DIM + item));
      v.x += weight * part.x, v.y += weight * part.y, v.z += weight * part.z, v.w += weight * part.w;
    }
    int d = item % DIM;
    bf16* to = out + head * dim + d;
    if (dim % 4 == 0) {
      if (d < dim) *reinterpret_cast<uint2*>(to) = make_uint2(pack_bf16(v.x, v.y), pack_bf16(v.z, v.w));
    } else {
      float each[4] = {v.x, v.y, v.z, v.w};
      for (int i = 0; i < 4 && d + i < dim; i++) to[i] = __float2bfloat16(each[i]);
    }
  }
}

template <class T, int DIM>
__device__ __forceinline__ void decode(const bf16* queries, int query_stride, const T* keys, const T* values, const int* tables, int table_stride,
                                       const int* slots, const int* lengths, const int* query_rows, bf16* out, float* partials, float* partial_sums,
                                       unsigned* arrivals, int heads, int kv_heads, int dim, int block_size, int most_new, int window, float scale, float softcap,
                                       float key_scale, float value_scale) {
  using Tile = Tile<T, DIM>;
  constexpr int Q_FRAGS = DIM / 16;
  constexpr int O_TILES = DIM / 16;
  constexpr bool WIDE = DIM > 128;  // registers hold either keys or values, not both
  __shared__ float shared_o[WARPS][HEADS][DIM];
  __shared__ float shared_max[WARPS][HEADS], shared_sum[WARPS][HEADS];
  __shared__ unsigned last;

  int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, c = lane % 4;
  int group = heads / kv_heads, head_tiles = (group + HEADS - 1) / HEADS;
  int kv_head = blockIdx.y / head_tiles, head_tile = blockIdx.y % head_tiles;
  int first_head = kv_head * group + head_tile * HEADS;
  int here = min(HEADS, group - head_tile * HEADS);
  int sequence = blockIdx.z, split = blockIdx.x;
  int length = lengths[sequence], row = query_rows[sequence];
  const int* table = tables + (size_t)slots[sequence] * table_stride;
  int first_token = window > 0 ? max(0, length - window) : 0;
  int first_tile = first_token / 16, tiles = (length + 15) / 16 - first_tile;
  int splits = tiles <= ONE_PART ? 1 : min((int)gridDim.x, tiles / PART_TILES);  // the grid may be made for longer sequences
  int from = first_tile + (int)((long long)tiles * split / splits), to_tile = first_tile + (int)((long long)tiles * (split + 1) / splits);
  if (split >= splits) from = to_tile = 0;

  auto place = [&](int tile) -> size_t {
    int token = tile * 16;
    return ((size_t)table[token / block_size] * kv_heads + kv_head) * block_size * DIM + (token % block_size) * DIM;
  };
  Tile tile;
  int at = from + warp;
  auto load_first = [&]() {
    size_t p = place(at);
    tile.load_keys(keys + p, g, c);
    if (!WIDE) tile.load_values(values + p, g, c);
  };
  // The kernel before this one writes the last most_new tokens at most, and waits itself before it lets this one start: all others are there.
  bool early = at < to_tile && at * 16 + 16 <= length - most_new;
  if (early) load_first();
  await_previous();
  allow_next();
  if (split >= splits) return;
  bf16* to = out + ((size_t)row * heads + first_head) * dim;
  if (length <= 0) {  // a padding row
    for (int i = threadIdx.x; i < here * dim; i += WARPS * 32) to[i] = __float2bfloat16(0.f);
    return;
  }

  uint32_t q[Q_FRAGS][2];
  Tile::load_query(queries + (size_t)row * query_stride + (first_head + g) * dim, g < here ? dim : 0, c, q);
  float o[O_TILES][4] = {};
  float max0 = -INFINITY, max1 = -INFINITY, sum0 = 0, sum1 = 0;
  float score_scale = scale * key_scale;
  if (!early && at < to_tile) load_first();
  for (; at < to_tile; at += WARPS) {
    int next = at + WARPS;
    size_t next_place = next < to_tile ? place(next) : 0;
    float s[4] = {0, 0, 0, 0};
    tile.scores(s, q);
    if (WIDE) tile.load_values(values + place(at), g, c);
    if (!WIDE && next < to_tile) tile.load_keys(keys + next_place, g, c);
    if (at * 16 + 16 > length) tile.drop_values(length - at * 16, c);
#pragma unroll
    for (int i = 0; i < 4; i++) {
      int token = at * 16 + g + (i >> 1) * 8;
      float x = s[i] * score_scale;
      if (softcap > 0) x = softcap * tanhf(x / softcap);
      s[i] = token < length && token >= first_token ? x * LOG2E : -INFINITY;
    }
    float new0 = fmaxf(s[0], s[2]), new1 = fmaxf(s[1], s[3]);
#pragma unroll
    for (int offset = 4; offset < 32; offset <<= 1) {
      new0 = fmaxf(new0, __shfl_xor_sync(~0u, new0, offset));
      new1 = fmaxf(new1, __shfl_xor_sync(~0u, new1, offset));
    }
    new0 = fmaxf(new0, max0), new1 = fmaxf(new1, max1);
    float shrink0 = exp2f(max0 - new0), shrink1 = exp2f(max1 - new1);
    max0 = new0, max1 = new1;
    s[0] = exp2f(s[0] - max0), s[2] = exp2f(s[2] - max0), s[1] = exp2f(s[1] - max1), s[3] = exp2f(s[3] - max1);
    sum0 = sum0 * shrink0 + s[0] + s[2], sum1 = sum1 * shrink1 + s[1] + s[3];
#pragma unroll
    for (int i = 0; i < O_TILES; i++) o[i][0] *= shrink0, o[i][1] *= shrink1, o[i][2] *= shrink0, o[i][3] *= shrink1;
    tile.add_values(o, transpose8x8(Tile::pack(s[0], s[1])), transpose8x8(Tile::pack(s[2], s[3])));
    if (WIDE && next < to_tile) tile.load_keys(keys + next_place, g, c);
    if (!WIDE && next < to_tile) tile.load_values(values + next_place, g, c);
  }
#pragma unroll
  for (int offset = 4; offset < 32; offset <<= 1) {
    sum0 += __shfl_xor_sync(~0u, sum0, offset);
    sum1 += __shfl_xor_sync(~0u, sum1, offset);
  }

  // The warps' parts, then the blocks'.
#pragma unroll
  for (int i = 0; i < O_TILES; i++) {
    int d = i / Tile::V_WORDS * 8 * Tile::V_WIDTH + g * Tile::V_WIDTH + i % Tile::V_WORDS * 2;
    *reinterpret_cast<float2*>(&shared_o[warp][2 * c][d]) = make_float2(o[i][0], o[i][2]);
    *reinterpret_cast<float2*>(&shared_o[warp][2 * c + 1][d]) = make_float2(o[i][1], o[i][3]);
  }
  if (g == 0) {
    shared_max[warp][2 * c] = max0, shared_max[warp][2 * c + 1] = max1;
    shared_sum[warp][2 * c] = sum0, shared_sum[warp][2 * c + 1] = sum1;
  }
  __syncthreads();
  size_t part = ((size_t)sequence * gridDim.y + blockIdx.y) * gridDim.x;
  for (int item = threadIdx.x; item < here * DIM; item += WARPS * 32) {
    int head = item / DIM, d = item % DIM;
    float max = -INFINITY;
    for (int w = 0; w < WARPS; w++) max = fmaxf(max, shared_max[w][head]);
    float sum = 0, value = 0;
    for (int w = 0; w < WARPS; w++) {
      float weight = max == -INFINITY ? 0.f : exp2f(shared_max[w][head] - max);
      sum += weight * shared_sum[w][head];
      value += weight * shared_o[w][head][d];
    }
    value *= value_scale;
    if (splits == 1) {
      if (d < dim) to[head * dim + d] = __float2bfloat16(value / sum);
    } else {
      partials[(part + split) * HEADS * DIM + item] = value;
      if (d == 0) {
        partial_sums[((part + split) * HEADS + head) * 2] = max;
        partial_sums[((part + split) * HEADS + head) * 2 + 1] = sum;
      }
    }
  }
  if (splits > 1 && last_to_arrive(arrivals + sequence * gridDim.y + blockIdx.y, splits, &last))
    merge<DIM>(partials + part * HEADS * DIM, partial_sums + part * HEADS * 2, splits, here, dim, &shared_o[0][0][0], to);
}

}  // namespace

#define PAGED_DECODE_ATTENTION(TYPE, DIM)                                                                                                      \
  extern "C" __global__ void __launch_bounds__(WARPS * 32, DIM <= 128 ? 3 : 2) paged_decode_attention_##TYPE##_##DIM(                                              \
      const bf16* queries, int query_stride, const TYPE* keys, const TYPE* values, const int* tables, int table_stride, const int* slots,      \
      const int* lengths, const int* query_rows, bf16* out, float* partials, float* partial_sums, unsigned* arrivals, int heads, int kv_heads, \
      int dim, int block_size, int most_new, int window, float scale, float softcap, float key_scale, float value_scale) {                                            \
    decode<TYPE, DIM>(queries, query_stride, keys, values, tables, table_stride, slots, lengths, query_rows, out, partials, partial_sums,      \
                      arrivals, heads, kv_heads, dim, block_size, most_new, window, scale, softcap, key_scale, value_scale);                                  \
  }

PAGED_DECODE_ATTENTION(bf16, 64)
PAGED_DECODE_ATTENTION(bf16, 96)
PAGED_DECODE_ATTENTION(bf16, 128)
PAGED_DECODE_ATTENTION(bf16, 256)
PAGED_DECODE_ATTENTION(fp8, 64)
PAGED_DECODE_ATTENTION(fp8, 96)
PAGED_DECODE_ATTENTION(fp8, 128)
PAGED_DECODE_ATTENTION(fp8, 256)
