// Causal attention of many query rows a sequence over its paged keys and values.
//
// The query heads that share a KV head are rows of one tile: row m of a sequence's tiles is token m / group and head m % group, so that a KV head's
// keys and values are read once for all of them, and few tokens already fill a tile. A block takes a tile of rows and walks over the tokens that it
// sees, BN at a time; the next ones are on their way into shared memory meanwhile. Where rows are few, several blocks share what a tile sees, and the last
// of them to finish merges their parts. e4m3 is multiplied as f16, which holds it exactly.
//
// Cache: [block][kv head][place][dim]; a block of tokens is a multiple of 16. Rows in shared memory are an odd number of 16-byte pieces apart, so
// that eight of them lie in different banks.
#include "kernel.cuh"

namespace {

constexpr int PREFILL_WARPS = 4, PREFILL_THREADS = PREFILL_WARPS * 32;
constexpr uint32_t NOWHERE = ~0u;
constexpr int PART_STEPS = 4;  // of BN tokens, that a part of a tile's tokens has at least

__device__ __forceinline__ void load_matrices(uint32_t* r, uint32_t address) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];" : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(address));
}

__device__ __forceinline__ void load_transposed(uint32_t* r, uint32_t address) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(address));
}

__device__ __forceinline__ float exp2_fast(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

/** How keys and values become operands: b[step][tile of 8][2] of 16 tokens or 16 dimensions. */
template <class T>
struct Operands;

template <>
struct Operands<bf16> {
  static constexpr int STEPS = 1;  // of 16 dimensions, a load of keys
  static constexpr int V_DIMS = 16;  // a load of values
  static constexpr int PAIR = 2;  // neighbouring dimensions a thread holds
  __device__ static uint4 query(const float* f) { return pack8(f); }
  __device__ static void order(const uint4* from, uint4* to) { to[0] = from[0], to[1] = from[1]; }
  __device__ static uint32_t pack(float a, float b) { return pack_bf16(a, b); }
  __device__ static void mma(float* d, const uint32_t* a, uint32_t b0, uint32_t b1) { mma_bf16(d, a[0], a[1], a[2], a[3], b0, b1); }
  __device__ static int key_row(int lane) { return lane / 16 * 8 + lane % 8; }
  __device__ static int key_byte(int lane) { return lane / 8 % 2 * 16; }
  __device__ static void keys(uint32_t address, uint32_t (*b)[2][2]) {
    uint32_t r[4];
    load_matrices(r, address);
    b[0][0][0] = r[0], b[0][0][1] = r[1], b[0][1][0] = r[2], b[0][1][1] = r[3];
  }
  __device__ static void values(uint32_t address, uint32_t (*b)[2]) {
    uint32_t r[4];
    load_transposed(r, address);
    b[0][0] = r[0], b[0][1] = r[1], b[1][0] = r[2], b[1][1] = r[3];
  }
};

template <>
struct Operands<fp8> {
  static constexpr int STEPS = 2;
  static constexpr int V_DIMS = 32;
  static constexpr int PAIR = 4;
  __device__ static uint4 query(const float* f) {
    float v[8];
    for (int i = 0; i < 8; i++) v[i] = fminf(fmaxf(f[i], -65504.f), 65504.f);
    return make_uint4(pack_f16(v[0], v[1]), pack_f16(v[2], v[3]), pack_f16(v[4], v[5]), pack_f16(v[6], v[7]));
  }
  /** A thread's four bytes of a key are dimensions 4c to 4c + 3 and meet the query's 2c, 2c + 1, 2c + 8, 2c + 9. */
  __device__ static void order(const uint4* from, uint4* to) {
    to[0] = make_uint4(from[0].x, from[0].z, from[1].x, from[1].z), to[1] = make_uint4(from[0].y, from[0].w, from[1].y, from[1].w);
  }
  __device__ static uint32_t pack(float a, float b) { return pack_f16(a, b); }
  __device__ static void mma(float* d, const uint32_t* a, uint32_t b0, uint32_t b1) { mma_f16(d, a[0], a[1], a[2], a[3], b0, b1); }
  __device__ static int key_row(int lane) { return lane % 16; }
  __device__ static int key_byte(int lane) { return lane / 16 * 16; }
  __device__ static void keys(uint32_t address, uint32_t (*b)[2][2]) {
    uint32_t r[4];
    load_matrices(r, address);
#pragma unroll
    for (int i = 0; i < 4; i++) b[i / 2][i % 2][0] = e4m3_to_f16(r[i] & 0xffff), b[i / 2][i % 2][1] = e4m3_to_f16(r[i] >> 16);
  }
  /** Tiles 0 and 1 are the even and the odd ones of 16 dimensions, 2 and 3 of the next 16. */
  __device__ static void values(uint32_t address, uint32_t (*b)[2]) {
    uint32_t r[4];
    load_transposed(r, address);
#pragma unroll
    for (int i = 0; i < 4; i++) {
      uint32_t sorted = __byte_perm(r[i], 0, 0x3120);
      b[i / 2 * 2][i % 2] = e4m3_to_f16(sorted & 0xffff), b[i / 2 * 2 + 1][i % 2] = e4m3_to_f16(sorted >> 16);
    }
  }
};

/** 8 elements of a query from d on; beyond dim: 0. */
__device__ __forceinline__ void query_part(const bf16* query, int d, int dim, float* f) {
  if (d + 8 <= dim && dim % 8 == 0) {
    unpack8(load16(query + d), f);
  } else {
    for (int i = 0; i < 8; i++) f[i] = d + i < dim ? __bfloat162float(query[d + i]) : 0.f;
  }
}

template <class T, int DIM, int M_TILES, int BN>
struct Tiles {
  using Op = Operands<T>;
  static constexpr int BM = PREFILL_WARPS * 16 * M_TILES;
  static constexpr int Q_ROW = DIM * 2 + 16, KV_ROW = DIM * (int)sizeof(T) + 16;  // bytes
  static constexpr int STAGE = 2 * BN * KV_ROW;
  static constexpr int PIECES = DIM * (int)sizeof(T) / 16;  // of a key
  static constexpr int LOADS = BN * PIECES / PREFILL_THREADS;
  static constexpr int UNITS = BN / 16;
  static_assert(LOADS * PREFILL_THREADS == BN * PIECES, "threads share a tile evenly");

  /** Starts copying the keys and values of tokens from first on; zeros for those outside of what the sequence has. */
  __device__ static void load(uint32_t to, int first, int seen_from, int length, const T* keys, const T* values, const int* table, int block_size,
                              int kv_heads, int kv_head) {
    int units_per_block = block_size / 16;
    int unit = first / 16 + (int)threadIdx.x % UNITS;  // each lane looks up one, for all
    bool has = unit * 16 < length && unit * 16 + 15 >= seen_from;
    int block = units_per_block == 1 ? unit : unit / units_per_block;
    int place = (unit - block * units_per_block) * 16;
    uint32_t start = has ? (((uint32_t)__ldg(table + block) * kv_heads + kv_head) * block_size + place) * PIECES : NOWHERE;
#pragma unroll
    for (int i = 0; i < LOADS; i++) {
      int row = (i * PREFILL_THREADS + (int)threadIdx.x) / PIECES, piece = (i * PREFILL_THREADS + (int)threadIdx.x) % PIECES;
      uint32_t unit_start = __shfl_sync(~0u, start, row / 16);
      bool there = unit_start != NOWHERE && first + row < length;
      size_t at = there ? (size_t)(unit_start + row % 16 * PIECES + piece) * 16 : 0;
      copy16_async(to + row * KV_ROW + piece * 16, reinterpret_cast<const char*>(keys) + at, there);
      copy16_async(to + (BN + row) * KV_ROW + piece * 16, reinterpret_cast<const char*>(values) + at, there);
    }
  }

  __device__ static void store_queries(unsigned char* to, const bf16* queries, int query_stride, int first_row, int rows, int group, int dim) {
    constexpr int HALVES = DIM / 16;
#pragma unroll 4
    for (int item = threadIdx.x; item < BM * HALVES; item += PREFILL_THREADS) {
      int row = item / HALVES, d = item % HALVES * 16, m = first_row + row;
      uint4 parts[2] = {zero16(), zero16()}, ordered[2];
      if (m < rows) {
        const bf16* query = queries + (size_t)(m / group) * query_stride + m % group * dim;
        float f[8];
        query_part(query, d, dim, f);
        parts[0] = Op::query(f);
        query_part(query, d + 8, dim, f);
        parts[1] = Op::query(f);
      }
      Op::order(parts, ordered);
      *reinterpret_cast<uint4*>(to + row * Q_ROW + d * 2) = ordered[0];
      *reinterpret_cast<uint4*>(to + row * Q_ROW + d * 2 + 16) = ordered[1];
    }
  }

  __device__ static void scores(uint32_t queries, uint32_t keys, float (*s)[BN / 8][4]) {
#pragma unroll
    for (int k = 0; k < DIM / 16; k += Op::STEPS) {
      uint32_t a[Op::STEPS][M_TILES][4];
#pragma unroll
      for (int step = 0; step < Op::STEPS; step++)
#pragma unroll
        for (int m = 0; m < M_TILES; m++) load_matrices(a[step][m], queries + m * 16 * Q_ROW + (k + step) * 32);
#pragma unroll
      for (int n = 0; n < BN / 16; n++) {
        uint32_t b[Op::STEPS][2][2];
        Op::keys(keys + n * 16 * KV_ROW + k * 16 * (int)sizeof(T), b);
#pragma unroll
        for (int step = 0; step < Op::STEPS; step++)
#pragma unroll
          for (int m = 0; m < M_TILES; m++)
#pragma unroll
            for (int half = 0; half < 2; half++) Op::mma(s[m][2 * n + half], a[step][m], b[step][half][0], b[step][half][1]);
      }
    }
  }

  /** o += p * values. */
  __device__ static void add_values(uint32_t values, const uint32_t (*p)[BN / 16][4], float (*o)[DIM / 8][4]) {
#pragma unroll
    for (int k = 0; k < BN / 16; k++)
#pragma unroll
      for (int d = 0; d < DIM / Op::V_DIMS; d++) {
        uint32_t b[Op::V_DIMS / 8][2];
        Op::values(values + k * 16 * KV_ROW + d * 32, b);
#pragma unroll
        for (int m = 0; m < M_TILES; m++)
#pragma unroll
          for (int n = 0; n < Op::V_DIMS / 8; n++) Op::mma(o[m][d * (Op::V_DIMS / 8) + n], p[m][k], b[n][0], b[n][1]);
      }
  }
};

/** One tile's scores of 16 rows become weights; two rows a thread. */
template <int N>
struct Softmax {
  float max[2] = {-INFINITY, -INFINITY}, sum[2] = {0, 0};

  /** Returns by what the outputs so far shrink. */
  __device__ float2 weigh(float (*s)[4], float factor) {
    float shrink[2];
#pragma unroll
    for (int r = 0; r < 2; r++) {
      float largest = max[r];
#pragma unroll
      for (int n = 0; n < N; n++) largest = fmaxf(largest, fmaxf(s[n][2 * r], s[n][2 * r + 1]));
      largest = fmaxf(largest, __shfl_xor_sync(~0u, largest, 1));
      largest = fmaxf(largest, __shfl_xor_sync(~0u, largest, 2));
      float base = largest == -INFINITY ? 0.f : largest * factor;
      shrink[r] = exp2_fast(max[r] * factor - base);
      max[r] = largest;
      float total = 0;
#pragma unroll
      for (int n = 0; n < N; n++) {
        s[n][2 * r] = exp2_fast(fmaf(s[n][2 * r], factor, -base));
        s[n][2 * r + 1] = exp2_fast(fmaf(s[n][2 * r + 1], factor, -base));
        total += s[n][2 * r] + s[n][2 * r + 1];
      }
      sum[r] = sum[r] * shrink[r] + total;
    }
    return make_float2(shrink[0], shrink[1]);
  }

  __device__ float total(int r) const {
    float all = sum[r] + __shfl_xor_sync(~0u, sum[r], 1);
    return all + __shfl_xor_sync(~0u, all, 2);
  }
};

/** Writes a block's part; false where it is not the last of its tile, else o and sums become those of all parts. */
template <int DIM, int M_TILES>
__device__ __forceinline__ bool merge(float (*o)[DIM / 8][4], float (*max)[2], float (*sum)[2], float factor, int parts, float* partials,
                                      float* partial_sums, unsigned* arrivals) {
  __shared__ unsigned last;
  constexpr int VALUES = M_TILES * (DIM / 8) * 4 * PREFILL_THREADS, SUMS = M_TILES * 4 * PREFILL_THREADS;
  size_t block = (size_t)blockIdx.y * gridDim.x + blockIdx.x;
  float4* values = reinterpret_cast<float4*>(partials + block * gridDim.z * VALUES) + threadIdx.x;
  float2* maxima = reinterpret_cast<float2*>(partial_sums + block * gridDim.z * SUMS) + threadIdx.x;
  auto value_at = [&](int part, int m, int n) { return values + part * (VALUES / 4) + (m * (DIM / 8) + n) * PREFILL_THREADS; };
  auto maximum_at = [&](int part, int m, int r) { return maxima + part * (SUMS / 2) + (m * 2 + r) * PREFILL_THREADS; };
#pragma unroll
  for (int m = 0; m < M_TILES; m++) {
#pragma unroll
    for (int n = 0; n < DIM / 8; n++) *value_at(blockIdx.z, m, n) = make_float4(o[m][n][0], o[m][n][1], o[m][n][2], o[m][n][3]);
    for (int r = 0; r < 2; r++) *maximum_at(blockIdx.z, m, r) = make_float2(max[m][r], sum[m][r]);
  }
  if (!last_to_arrive(arrivals + block, parts, &last)) return false;
#pragma unroll
  for (int m = 0; m < M_TILES; m++) {
    float largest[2] = {-INFINITY, -INFINITY};
    for (int part = 0; part < parts; part++)
      for (int r = 0; r < 2; r++) largest[r] = fmaxf(largest[r], __ldcg(maximum_at(part, m, r)).x);
    sum[m][0] = sum[m][1] = 0;
#pragma unroll
    for (int n = 0; n < DIM / 8; n++) o[m][n][0] = o[m][n][1] = o[m][n][2] = o[m][n][3] = 0;
    for (int part = 0; part < parts; part++) {
      float weight[2];
#pragma unroll
      for (int r = 0; r < 2; r++) {
        float2 v = __ldcg(maximum_at(part, m, r));
        weight[r] = exp2_fast((v.x - largest[r]) * factor);
        sum[m][r] += weight[r] * v.y;
      }
#pragma unroll
      for (int n = 0; n < DIM / 8; n++) {
        float4 v = __ldcg(value_at(part, m, n));
        o[m][n][0] += weight[0] * v.x, o[m][n][1] += weight[0] * v.y, o[m][n][2] += weight[1] * v.z, o[m][n][3] += weight[1] * v.w;
      }
    }
  }
  return true;
}

template <class T, int DIM, int M_TILES, int BN>
__device__ __forceinline__ void prefill(const bf16* queries, int query_stride, const T* keys, const T* values, const int* tables, int table_stride,
                                        const int* slots, const int* lengths, const int* query_rows, const int* query_counts, bf16* out,
                                        float* partials, float* partial_sums, unsigned* arrivals, int heads, int kv_heads, int dim, int block_size, int window, float scale, float softcap, float key_scale,
                                        float value_scale) {
  using Tiles = Tiles<T, DIM, M_TILES, BN>;
  using Op = Operands<T>;
  extern __shared__ __align__(128) unsigned char shared[];
  await_previous();
  allow_next();
  int sequence = blockIdx.y, kv_head = blockIdx.x % kv_heads, group = heads / kv_heads;
  int tile = (int)(gridDim.x / kv_heads) - 1 - (int)(blockIdx.x / kv_heads);  // those that see most begin first
  int count = query_counts[sequence], length = lengths[sequence], rows = count * group;
  int first_row = tile * Tiles::BM;
  if (first_row >= rows) return;

  int before = length - count;  // tokens whose queries came earlier
  auto position = [&](int row) { return before + min(row, rows - 1) / group; };
  int first_position = position(first_row), last_position = position(first_row + Tiles::BM - 1);
  int token = window > 0 ? max(0, first_position - window + 1) / BN * BN : 0;
  int steps = (last_position - token) / BN + 1, parts = max(1, min((int)gridDim.z, steps / PART_STEPS)), part = blockIdx.z;
  if (part >= parts) return;
  int end = min(last_position + 1, token + steps * (part + 1) / parts * BN);
  token += steps * part / parts * BN;
  int seen_from = window > 0 ? max(0, before - window + 1) : 0;
  const int* table = tables + (size_t)slots[sequence] * table_stride;
  uint32_t kv = shared_address(shared) + Tiles::BM * Tiles::Q_ROW;
  auto load = [&](int stage, int first) {
    Tiles::load(kv + stage * Tiles::STAGE, first, seen_from, length, keys, values, table, block_size, kv_heads, kv_head);
    copies_commit();
  };
  load(0, token);
  size_t query_row = query_rows[sequence];
  Tiles::store_queries(shared, queries + query_row * query_stride + kv_head * group * dim, query_stride, first_row, rows, group, dim);

  int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, c = lane % 4;
  int warp_row = warp * 16 * M_TILES;
  int warp_first = position(first_row + warp_row), warp_last = position(first_row + warp_row + 16 * M_TILES - 1);
  uint32_t my_queries = shared_address(shared) + (warp_row + lane % 16) * Tiles::Q_ROW + lane / 16 * 16;
  uint32_t my_keys = kv + Op::key_row(lane) * Tiles::KV_ROW + Op::key_byte(lane);
  uint32_t my_values = kv + (BN + lane % 16) * Tiles::KV_ROW + lane / 16 * 16;
  float factor = softcap > 0 ? LOG2E : scale * key_scale * LOG2E;
  float o[M_TILES][DIM / 8][4] = {};
  Softmax<BN / 8> softmax[M_TILES];

  for (int stage = 0; token < end; token += BN, stage ^= 1) {
    copies_wait<0>();
    __syncthreads();
    if (token + BN < end) load(stage ^ 1, token + BN);
    if (token > warp_last) continue;
    float s[M_TILES][BN / 8][4] = {};
    Tiles::scores(my_queries, my_keys + stage * Tiles::STAGE, s);
    if (softcap > 0) {
      float inner = 2 * LOG2E * scale * key_scale / softcap;
#pragma unroll
      for (int m = 0; m < M_TILES; m++)
#pragma unroll
        for (int n = 0; n < BN / 8; n++)
#pragma unroll
          for (int i = 0; i < 4; i++) s[m][n][i] = softcap * (1 - __fdividef(2.f, 1 + exp2_fast(fminf(s[m][n][i] * inner, 120.f))));
    }
    if (token + BN - 1 > warp_first || (window > 0 && token <= warp_last - window)) {
#pragma unroll
      for (int m = 0; m < M_TILES; m++)
#pragma unroll
        for (int r = 0; r < 2; r++) {
          int last = position(first_row + warp_row + m * 16 + g + 8 * r) - token - 2 * c;
          int first = window > 0 ? last - window : -BN;
#pragma unroll
          for (int n = 0; n < BN / 8; n++)
#pragma unroll
            for (int i = 0; i < 2; i++)
              if (n * 8 + i > last || n * 8 + i <= first) s[m][n][2 * r + i] = -INFINITY;
        }
    }
    uint32_t p[M_TILES][BN / 16][4];
#pragma unroll
    for (int m = 0; m < M_TILES; m++) {
      float2 shrink = softmax[m].weigh(s[m], factor);
      if (__any_sync(~0u, shrink.x != 1.f || shrink.y != 1.f)) {
#pragma unroll
        for (int n = 0; n < DIM / 8; n++) o[m][n][0] *= shrink.x, o[m][n][1] *= shrink.x, o[m][n][2] *= shrink.y, o[m][n][3] *= shrink.y;
      }
#pragma unroll
      for (int k = 0; k < BN / 16; k++) {
        p[m][k][0] = Op::pack(s[m][2 * k][0], s[m][2 * k][1]), p[m][k][1] = Op::pack(s[m][2 * k][2], s[m][2 * k][3]);
        p[m][k][2] = Op::pack(s[m][2 * k + 1][0], s[m][2 * k + 1][1]), p[m][k][3] = Op::pack(s[m][2 * k + 1][2], s[m][2 * k + 1][3]);
      }
    }
    Tiles::add_values(my_values + stage * Tiles::STAGE, p, o);
  }

  float norm[M_TILES][2], maxima[M_TILES][2];
#pragma unroll
  for (int m = 0; m < M_TILES; m++)
    for (int r = 0; r < 2; r++) norm[m][r] = softmax[m].total(r), maxima[m][r] = softmax[m].max[r];
  if (parts > 1 && !merge<DIM, M_TILES>(o, maxima, norm, factor, parts, partials, partial_sums, arrivals)) return;

  // Through the warp's own rows of the queries, so that whole lines are written.
  unsigned char* mine = shared + warp_row * Tiles::Q_ROW;
  __syncwarp();
#pragma unroll
  for (int m = 0; m < M_TILES; m++)
#pragma unroll
    for (int r = 0; r < 2; r++) {
      float scaled = value_scale / norm[m][r];
      unsigned char* to = mine + (m * 16 + g + 8 * r) * Tiles::Q_ROW;
#pragma unroll
      for (int n = 0; n < DIM / 8; n += Op::PAIR / 2) {
        float a = o[m][n][2 * r] * scaled, b = o[m][n][2 * r + 1] * scaled;
        if constexpr (Op::PAIR == 2) {
          *reinterpret_cast<uint32_t*>(to + n * 16 + c * 4) = pack_bf16(a, b);
        } else {
          float a1 = o[m][n + 1][2 * r] * scaled, b1 = o[m][n + 1][2 * r + 1] * scaled;
          *reinterpret_cast<uint2*>(to + n * 16 + c * 8) = make_uint2(pack_bf16(a, a1), pack_bf16(b, b1));
        }
      }
    }
  __syncwarp();
  for (int item = lane; item < 16 * M_TILES * (DIM / 8); item += 32) {
    int row = item / (DIM / 8), d = item % (DIM / 8) * 8, m = first_row + warp_row + row;
    if (m >= rows || d >= dim) continue;
    bf16* to = out + ((query_row + m / group) * heads + kv_head * group + m % group) * dim + d;
    const unsigned char* from = mine + row * Tiles::Q_ROW + d * 2;
    if (dim % 8 == 0) {
      *reinterpret_cast<uint4*>(to) = load16(from);
    } else {
      for (int i = 0; i < 8 && d + i < dim; i++) to[i] = reinterpret_cast<const bf16*>(from)[i];
    }
  }
}

}  // namespace

#define PAGED_PREFILL_ATTENTION(TYPE, DIM, M_TILES, BN)                                                                                    \
  extern "C" __global__ void __launch_bounds__(PREFILL_THREADS, 2) paged_prefill_attention_##TYPE##_##DIM(                                  \
      const bf16* queries, int query_stride, const TYPE* keys, const TYPE* values, const int* tables, int table_stride, const int* slots,  \
      const int* lengths, const int* query_rows, const int* query_counts, bf16* out, float* partials, float* partial_sums,               \
      unsigned* arrivals, int heads, int kv_heads, int dim, int block_size, int window, float scale, float softcap, float key_scale,       \
      float value_scale) {                                                                                                                 \
    prefill<TYPE, DIM, M_TILES, BN>(queries, query_stride, keys, values, tables, table_stride, slots, lengths, query_rows, query_counts,   \
                                    out, partials, partial_sums, arrivals, heads, kv_heads, dim, block_size, window, scale, softcap, key_scale, value_scale); \
  }

PAGED_PREFILL_ATTENTION(bf16, 64, 2, 64)
PAGED_PREFILL_ATTENTION(bf16, 96, 2, 64)
PAGED_PREFILL_ATTENTION(bf16, 128, 2, 64)
PAGED_PREFILL_ATTENTION(bf16, 256, 1, 32)
PAGED_PREFILL_ATTENTION(fp8, 64, 2, 64)
PAGED_PREFILL_ATTENTION(fp8, 96, 2, 64)
PAGED_PREFILL_ATTENTION(fp8, 128, 2, 64)
PAGED_PREFILL_ATTENTION(fp8, 256, 1, 32)
