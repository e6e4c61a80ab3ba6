// Linear layers through Hopper's warpgroup products: see linear.cuh and wgmma.cuh.
//
// A block computes tiles of 128 T outputs (two warpgroups, 64 T each) x N rows. Other warps bring x into shared memory, in the order in which
// the weights lie; weights go through a ring of each lane's own. The ring starts to fill before the kernel before this one has ended.
// Grid: blocks that share all work evenly, tile after tile along the columns, or, where partials is null, take whole tiles in turn.
#pragma once
#include "linear_feeds.cuh"
#include "linear_out.cuh"
#include "wgmma.cuh"

constexpr int WGMMA_WARPS = 8;  // of the products
constexpr int X_WARPS = 4, FENCE_WARPS = 4, FIRST_FENCE_WARP = WGMMA_WARPS + X_WARPS;
constexpr int WGMMA_THREADS = (FIRST_FENCE_WARP + FENCE_WARPS) * 32;

template <class Feed, int N, int T>
struct WgmmaSizes {
  static constexpr int ROOM = 226 * 1024;  // of shared memory
  static constexpr int X_BLOCK = N * 128, X_SLOT = X_BLOCK * Feed::X_BLOCKS;
  static constexpr int X_SLOTS = N * Feed::X_BLOCKS <= 64 ? 8 : 4;
  static constexpr int X_LOADS = X_SLOT / 512 / X_WARPS;  // a lane of a warp and stage
  static constexpr int X_AHEAD = 16 / X_LOADS;
  static constexpr int X_SCALES = Feed::SCALES_STEPS ? N : 0;  // floats a slot
  static constexpr int TILE_BYTES = feed_bytes<Feed>(), RING_SLOT = WGMMA_WARPS * T * TILE_BYTES;
  static constexpr int OUT_BYTES = WGMMA_WARPS * 512;
  static constexpr int FIXED = 1024 + 512 + X_SLOTS * (X_SLOT + X_SCALES * 4) + OUT_BYTES;
  static constexpr int DEPTH = (ROOM - FIXED) / RING_SLOT > 12 ? 12 : (ROOM - FIXED) / RING_SLOT;
  static_assert(DEPTH >= 3, "the ring is too short");
  static constexpr bool TWO_OPERANDS = T == 1;  // the next stage's are made while this one's products run
  static constexpr int PRODUCT_REGISTERS = 192, X_REGISTERS = 96, FENCE_REGISTERS = 24;
};

#ifdef KVASIR_WGMMA
__device__ __forceinline__ void barrier_init(uint32_t barrier, int arrivals) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(barrier), "r"(arrivals));
}

__device__ __forceinline__ void barrier_arrive(uint32_t barrier) {
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(barrier) : "memory");
}

__device__ __forceinline__ void barrier_await(uint32_t barrier, uint32_t parity) {
  uint32_t done;
  do {
    asm volatile("{.reg .pred p; mbarrier.try_wait.parity.shared::cta.b64 p, [%1], %2; selp.u32 %0, 1, 0, p;}"
                 : "=r"(done) : "r"(barrier), "r"(parity) : "memory");
  } while (!done);
}

template <int COUNT>
__device__ __forceinline__ void registers_more() { asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(COUNT)); }
template <int COUNT>
__device__ __forceinline__ void registers_fewer() { asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(COUNT)); }

/** Four 8 x 8 matrices of 16-bit elements from a warp's registers to the rows at the lanes' addresses. */
__device__ __forceinline__ void store_matrices(uint32_t at, uint4 v) {
  asm volatile("stmatrix.sync.aligned.m8n8.x4.shared.b16 [%0], {%1,%2,%3,%4};" ::"r"(at), "r"(v.x), "r"(v.y), "r"(v.z), "r"(v.w) : "memory");
}
__device__ __forceinline__ void store_transposed(uint32_t at, uint4 v) {
  asm volatile("stmatrix.sync.aligned.m8n8.x4.trans.shared.b16 [%0], {%1,%2,%3,%4};" ::"r"(at), "r"(v.x), "r"(v.y), "r"(v.z), "r"(v.w) : "memory");
}

__device__ __forceinline__ void load16_if(uint4& v, const void* p, bool there) {
  asm volatile("{.reg .pred p; setp.ne.b32 p, %5, 0; @p ld.global.v4.u32 {%0,%1,%2,%3}, [%4];}"
               : "+r"(v.x), "+r"(v.y), "+r"(v.z), "+r"(v.w) : "l"(p), "r"((int)there));
}

/** The stages of a block, in order: all along a tile's columns, then of the next tile. */
struct Stages {
  int tile, stage, left, count, stride;

  __device__ void next() {
    left--;
    if (++stage == count) stage = 0, tile += stride;
  }
};

/** How a launch's work is shared. */
struct Work {
  int tiles, stages, row_tiles, blocks;
  bool whole;

  __device__ long long first(int block) const { return (long long)tiles * stages * block / blocks; }
  __device__ int owner(long long unit) const { return (int)(((unit + 1) * blocks - 1) / ((long long)tiles * stages)); }
  __device__ Stages mine() const {
    int block = blockIdx.x;
    if (whole) return {block, 0, (tiles - block + blocks - 1) / blocks * stages, stages, blocks};
    long long from = first(block);
    return {(int)(from / stages), (int)(from % stages), (int)(first(block + 1) - from), stages, 1};
  }
};

template <class Feed, int N, int T>
struct WgmmaLinear {
  using Sizes = WgmmaSizes<Feed, N, T>;
  using X = typename Feed::X;
  using Acc = typename Feed::Acc;
  using Operands = typename Feed::Operands;
  static constexpr int ROW_GROUPS = N / 8, OUTPUTS = 128 * T;

  const Feed& feed;
  const X* x;
  const LinearShape& shape;
  const LinearOut& out;
  Work work;
  uint32_t shared;  // x slots, then the weights' ring, then x's scales, then room for the output, then barriers
  int warp, lane;

  __device__ uint32_t x_slot(int i) const { return shared + i * Sizes::X_SLOT; }
  __device__ uint32_t ring() const { return shared + Sizes::X_SLOTS * Sizes::X_SLOT; }
  __device__ uint32_t scale_slot(int i) const { return ring() + Sizes::DEPTH * Sizes::RING_SLOT + i * Sizes::X_SCALES * 4; }
  __device__ uint32_t out_room() const { return scale_slot(Sizes::X_SLOTS); }
  __device__ uint32_t full(int i) const { return out_room() + Sizes::OUT_BYTES + i * 8; }
  __device__ uint32_t empty(int i) const { return full(Sizes::X_SLOTS + i); }
  __device__ uint32_t stored(int i) const { return full(2 * Sizes::X_SLOTS + i); }

  __device__ void init() const {
    if (threadIdx.x == 0) {
      for (int i = 0; i < Sizes::X_SLOTS; i++) barrier_init(stored(i), X_WARPS), barrier_init(full(i), 1), barrier_init(empty(i), WGMMA_WARPS);
    }
    __syncthreads();
  }

  // ---- x

  static constexpr int SCALE_LOADS = (Sizes::X_SCALES + X_WARPS * 32 - 1) / (X_WARPS * 32);
  struct Piece {
    uint4 v[Sizes::X_LOADS];
    float scale[SCALE_LOADS > 0 ? SCALE_LOADS : 1];
  };

  /** A warp's load takes 128 bytes of four rows. */
  static constexpr int ROW_LOADS = Sizes::X_LOADS / Feed::X_BLOCKS, CHUNK = 16 / sizeof(X);
  __device__ int row_of(int i) const { return (i % ROW_LOADS * X_WARPS + warp - WGMMA_WARPS) * 4; }

  /** Where a lane's next load is, and how many rows and columns are left from there on. */
  struct Source {
    const X* at;
    int rows, columns;
  };
  __device__ Source source(const Stages& at) const {
    int row = at.tile % work.row_tiles * N + row_of(0) + lane / 8, column = (at.stage * Feed::X_BLOCKS * 8 + lane % 8) * CHUNK;
    return {x + (size_t)row * shape.columns + column, at.left > 0 ? shape.rows - row : 0, shape.columns - column};
  }
  __device__ void load(uint4& v, int i, Source& from) const {
    constexpr int ROWS = 4 * X_WARPS;
    int r = i % ROW_LOADS, block = i / ROW_LOADS;
    v = zero16();
    load16_if(v, from.at + block * 8 * CHUNK, r * ROWS < from.rows && block * 8 * CHUNK < from.columns);
    from.at += (size_t)(r + 1 < ROW_LOADS ? ROWS : -(ROW_LOADS - 1) * ROWS) * shape.columns;
    asm volatile("" : "+l"(from.at));  // one pointer that moves, not one for each load
  }
  __device__ void load_scales(Piece& piece, const Stages& at) const {
    if constexpr (Feed::SCALES_STEPS) {
#pragma unroll
      for (int i = 0; i < SCALE_LOADS; i++) {
        int row = at.tile % work.row_tiles * N + i * X_WARPS * 32 + threadIdx.x - WGMMA_WARPS * 32;
        piece.scale[i] = at.left > 0 ? __ldg(feed.weights.x_scales + (size_t)min(row, shape.rows - 1) * feed.weights.column_blocks() + at.stage) : 0;
      }
    }
  }
  __device__ void store(const uint4& v, int i, int slot) const {
    int row = row_of(i) + lane % 8 / 2, chunk = lane % 2 * 4 + lane / 8;
    store_matrices(x_slot(slot) + i / ROW_LOADS * Sizes::X_BLOCK + row * 128 + (chunk ^ (row & 7)) * 16, v);
  }
  __device__ void store_scales(const Piece& piece, int slot) const {
    if constexpr (Feed::SCALES_STEPS) {
#pragma unroll
      for (int i = 0; i < SCALE_LOADS; i++) {
        int row = i * X_WARPS * 32 + threadIdx.x - WGMMA_WARPS * 32;
        if (row < N) asm volatile("st.shared.f32 [%0], %1;" ::"r"(scale_slot(slot) + row * 4), "f"(piece.scale[i]) : "memory");
      }
    }
  }

  __device__ void bring_x() const {
    await_previous();
    Stages fetch = work.mine();
    uint32_t count = fetch.left;
    Piece pieces[Sizes::X_AHEAD];
#pragma unroll
    for (int a = 0; a < Sizes::X_AHEAD; a++) {
      Source from = source(fetch);
#pragma unroll
      for (int i = 0; i < Sizes::X_LOADS; i++) load(pieces[a].v[i], i, from);
      load_scales(pieces[a], fetch);
      fetch.next();
    }
    for (uint32_t start = 0; start < count; start += Sizes::X_AHEAD) {
#pragma unroll
      for (int a = 0; a < Sizes::X_AHEAD; a++) {
        uint32_t s = start + a, slot = s % Sizes::X_SLOTS;
        if (s >= count) break;
        Source from = source(fetch);
        barrier_await(empty(slot), s / Sizes::X_SLOTS % 2 ^ 1);
#pragma unroll
        for (int i = 0; i < Sizes::X_LOADS; i++) {
          store(pieces[a].v[i], i, slot);
          load(pieces[a].v[i], i, from);
        }
        store_scales(pieces[a], slot);
        load_scales(pieces[a], fetch);
        fetch.next();
        __syncwarp();
        if (lane == 0) barrier_arrive(stored(slot));
      }
    }
  }

  /** Stored x becomes visible to the products. A fence takes long, and waits for all of its warp's loads: warps without any take turns. */
  __device__ void pass_x() const {
    uint32_t count = work.mine().left;
    for (uint32_t s = warp - FIRST_FENCE_WARP; s < count; s += FENCE_WARPS) {
      int slot = (int)(s % Sizes::X_SLOTS);
      barrier_await(stored(slot), s / Sizes::X_SLOTS % 2);
      asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
      __syncwarp();
      if (lane == 0) barrier_arrive(full(slot));
    }
  }

  // ---- products

  __device__ int tile_of(int tile, int t) const { return ((tile / work.row_tiles * 2 + warp / 4) * T + t) * 4 + warp % 4; }

  /** The ring of a warp: what it has on its way and what it takes next. */
  struct Ring {
    Stages fetch;
    int tile, slot;  // the first of the warp's tiles of 16 outputs
  };
  __device__ uint32_t ring_slot(int slot, int t) const { return ring() + slot * Sizes::RING_SLOT + (warp * T + t) * Sizes::TILE_BYTES; }
  __device__ void fill(Ring& r, int slot) const {
    if (r.fetch.left > 0) {
#pragma unroll
      for (int t = 0; t < T; t++) feed.fill(ring_slot(slot, t), r.tile + t * 4, r.fetch.stage, lane);
      r.fetch.next();
      if (r.fetch.stage == 0) r.tile = tile_of(r.fetch.tile, 0);
    }
    copies_commit();
  }
  __device__ void take(Ring& r, Operands* o, int tile, int stage) const {
    copies_wait<Sizes::DEPTH - 1>();
#pragma unroll
    for (int t = 0; t < T; t++) feed.take(o[t], ring_slot(r.slot, t), tile_of(tile, t), stage, lane);
    fill(r, r.slot);
    if (++r.slot == Sizes::DEPTH) r.slot = 0;
  }

  /** A stage's products, on their own until wgmma_wait. */
  __device__ void start(const Operands* o, int slot, Acc (*sums)[ROW_GROUPS][4]) const {
    uint64_t rows = wgmma_rows(x_slot(slot));
    wgmma_begin();
#pragma unroll
    for (int t = 0; t < T; t++)
#pragma unroll
      for (int p = 0; p < 4 * Feed::X_BLOCKS; p++)
        Wgmma<typename Feed::Kind, N>::product(&sums[t][0][0], o[t].a[p], rows + (p / 4 * Sizes::X_BLOCK + p % 4 * 32) / 16, !Feed::FOLDS || p > 0);
    wgmma_commit();
  }

  __device__ void fold(const Operands* o, int slot, Acc (*sums)[ROW_GROUPS][4], Acc (*acc)[ROW_GROUPS][4]) const {
#pragma unroll
    for (int n = 0; n < ROW_GROUPS; n++) {
      float xs[2] = {};
      if constexpr (Feed::SCALES_STEPS)
        asm volatile("ld.shared.v2.f32 {%0,%1}, [%2];" : "=f"(xs[0]), "=f"(xs[1]) : "r"(scale_slot(slot) + n * 32 + lane % 4 * 8));
#pragma unroll
      for (int t = 0; t < T; t++) Feed::fold(o[t], sums[t][n], xs, acc[t][n]);
    }
  }

  __device__ void multiply() const {
    Stages at = work.mine();
    Ring r = {at, tile_of(at.tile, 0), 0};
#pragma unroll 1
    for (int d = 0; d < Sizes::DEPTH; d++) fill(r, d);
    await_previous();
    uint32_t done = 0;
    Operands operands[Sizes::TWO_OPERANDS ? 2 : 1][T];
    Acc acc[T][ROW_GROUPS][4];
    Acc sums[Feed::FOLDS ? T : 1][Feed::FOLDS ? ROW_GROUPS : 1][4];
    while (at.left > 0) {
      int tile = at.tile, from = at.stage, stages = min(at.count - from, at.left);
#pragma unroll
      for (int t = 0; t < T; t++)
#pragma unroll
        for (int n = 0; n < ROW_GROUPS; n++)
#pragma unroll
          for (int i = 0; i < 4; i++) acc[t][n][i] = 0;
      take(r, operands[0], tile, from);
      auto step = [&](int s, Operands* now, Operands* next) {
        int slot = (int)(done % Sizes::X_SLOTS);
        barrier_await(full(slot), done / Sizes::X_SLOTS % 2);
        if constexpr (Feed::FOLDS)
          start(now, slot, sums);
        else
          start(now, slot, acc);
        if (Sizes::TWO_OPERANDS && s + 1 < stages) take(r, next, tile, from + s + 1);
        wgmma_wait();
        if constexpr (Feed::FOLDS) fold(now, slot, sums, acc);
        __syncwarp();
        if (lane == 0) barrier_arrive(empty(slot));
        if (!Sizes::TWO_OPERANDS && s + 1 < stages) take(r, now, tile, from + s + 1);
        done++;
      };
      for (int s = 0; s < stages; s += 2) {
        step(s, operands[0], operands[Sizes::TWO_OPERANDS]);
        if (s + 1 < stages) step(s + 1, operands[Sizes::TWO_OPERANDS], operands[0]);
      }
      finish(acc, tile, stages == at.count);
      at.left -= stages, at.stage = 0, at.tile += at.stride;
    }
    copies_wait<0>();
  }

  // ---- sums

  static constexpr int PARTS = T * ROW_GROUPS;  // of 16 bytes a thread

  /** Where a block leaves its part of the tile that it begins within. */
  __device__ uint4* part(int block) const { return reinterpret_cast<uint4*>(out.partials) + (size_t)block * PARTS * 256 + threadIdx.x; }

  __device__ static void join() { asm volatile("bar.sync 1, 256;" ::: "memory"); }

  /**
   * Whether this block has the tile's beginning; it then waits for the parts of the blocks that went on and adds them up in order. They came to
   * the tile first of all, this block comes to it last, and all blocks run at once: the wait is short and ends.
   */
  __device__ bool gather(Acc (*acc)[ROW_GROUPS][4], int tile) const {
    long long first = (long long)tile * work.stages;
    int owner = work.owner(first), end = work.owner(first + work.stages - 1);
    unsigned* arrivals = out.arrivals + tile;
    if ((int)blockIdx.x != owner) {
      uint4* mine = part(blockIdx.x);
#pragma unroll
      for (int i = 0; i < PARTS; i++) __stcg(mine + i * 256, reinterpret_cast<uint4&>(acc[i / ROW_GROUPS][i % ROW_GROUPS]));
      join();
      if (threadIdx.x == 0) asm volatile("red.release.gpu.global.add.u32 [%0], 1;" ::"l"(arrivals) : "memory");
      return false;
    }
    if (threadIdx.x == 0) {
      unsigned arrived;
      do asm volatile("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(arrived) : "l"(arrivals) : "memory");
      while (arrived != end - owner);
      *arrivals = 0;
    }
    join();
    for (int block = owner + 1; block <= end; block++) {
      const uint4* theirs = part(block);
#pragma unroll
      for (int i = 0; i < PARTS; i++) {
        uint4 v = __ldcg(theirs + i * 256);
        const Acc* values = reinterpret_cast<const Acc*>(&v);
#pragma unroll
        for (int j = 0; j < 4; j++) acc[i / ROW_GROUPS][i % ROW_GROUPS][j] += values[j];
      }
    }
    return true;
  }

  __device__ void finish(Acc (*acc)[ROW_GROUPS][4], int tile, bool complete) const {
    if (!complete && !gather(acc, tile)) return;
    int first_row = tile % work.row_tiles * N;
    if (!out.is_float && shape.outputs % 8 == 0)
      write_rows(acc, tile, first_row);
    else
      write_each(acc, tile, first_row);
  }

  __device__ void write_each(Acc (*acc)[ROW_GROUPS][4], int tile, int first_row) const {
#pragma unroll
    for (int i = 0; i < PARTS * 4; i++) {
      int t = i / 4 / ROW_GROUPS, n = i / 4 % ROW_GROUPS, j = i % 4;
      int row = first_row + n * 8 + lane % 4 * 2 + (j & 1), output = tile_of(tile, t) * 16 + lane / 4 + (j >> 1) * 8;
      if (row < shape.rows && output < shape.outputs)
        out.store((size_t)row * shape.outputs + output, output, feed.finish(acc[t][n][j], row, output));
    }
  }

  /** 16 rows x 16 outputs at a time, turned in shared memory, so that 32 bytes of a row are written at once. */
  __device__ void write_rows(Acc (*acc)[ROW_GROUPS][4], int tile, int first_row) const {
    uint32_t room = out_room() + warp * 512;
    int n = lane / 16 * 8 + lane % 8, half = lane / 8 & 1, back = lane / 2;
    uint32_t to = room + n * 32 + (half ^ (n >> 2 & 1)) * 16, from = room + back * 32 + (lane % 2 ^ (back >> 2 & 1)) * 16;
#pragma unroll
    for (int t = 0; t < T; t++) {
      int output = tile_of(tile, t) * 16, g = output + lane / 4;
      float bias[2] = {out.bias && g < shape.outputs ? out.bias[g] : 0, out.bias && g + 8 < shape.outputs ? out.bias[g + 8] : 0};
#pragma unroll
      for (int pair = 0; pair < ROW_GROUPS; pair += 2) {
        uint32_t v[4];
#pragma unroll
        for (int i = 0; i < 4; i++) {
          int row = min(first_row + (pair + i / 2) * 8 + lane % 4 * 2, shape.rows - 1), next = min(row + 1, shape.rows - 1);
          int column = min(g + i % 2 * 8, shape.outputs - 1);
          const Acc* values = acc[t][(pair + i / 2) % ROW_GROUPS] + i % 2 * 2;
          v[i] = pack_bf16(feed.finish(values[0], row, column) + bias[i % 2], feed.finish(values[1], next, column) + bias[i % 2]);
        }
        store_transposed(to, make_uint4(v[0], v[1], v[2], v[3]));
        __syncwarp();
        int row = first_row + pair * 8 + back, column = output + lane % 2 * 8;
        if (row < shape.rows && column < shape.outputs)
          *reinterpret_cast<uint4*>(static_cast<bf16*>(out.y) + (size_t)row * shape.outputs + column) = shared16(from);
        __syncwarp();
      }
    }
  }
};
#endif

template <class Feed, int N, int T>
__device__ __forceinline__ void linear_wgmma(const Feed& feed, const typename Feed::X* x, const LinearShape& shape, const LinearOut& out) {
#ifdef KVASIR_WGMMA
  using Linear = WgmmaLinear<Feed, N, T>;
  using Sizes = WgmmaSizes<Feed, N, T>;
  extern __shared__ uint8_t room[];
  int row_tiles = (shape.rows + N - 1) / N;
  Work work = {(shape.outputs + Linear::OUTPUTS - 1) / Linear::OUTPUTS * row_tiles, feed.stages(), row_tiles, (int)gridDim.x, !out.partials};
  Linear linear = {feed, x, shape, out, work, (shared_address(room) + 1023) & ~1023u, (int)threadIdx.x / 32, (int)threadIdx.x % 32};
  linear.init();
  allow_next();
  if (threadIdx.x < WGMMA_WARPS * 32) {
    registers_more<Sizes::PRODUCT_REGISTERS>();
    linear.multiply();
  } else if (threadIdx.x < FIRST_FENCE_WARP * 32) {
    registers_fewer<Sizes::X_REGISTERS>();
    linear.bring_x();
  } else {
    registers_fewer<Sizes::FENCE_REGISTERS>();
    linear.pass_x();
  }
#else
  __trap();
#endif
}
