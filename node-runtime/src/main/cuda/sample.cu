// Draws a token from each row of logits, or scores a known one, as the CPU does: the same generator, a function of (seed, output position, token
// id), and the same order of tokens, by falling logit and then by id. A cluster of blocks takes a row, each block a part of the vocabulary that
// it keeps in shared memory (or in scratch, where a row has one block only).
//
// Greedy: the largest logit. Otherwise Gumbel noise is added to the scaled logits of the tokens that min-p, top-k and top-p keep, and the largest
// sum wins. Where the kept ones end is found by histograms over the logits' bits, level by level, which sorts nothing; weights are added up as
// integers, so the order of the additions does not matter. A row with a logit that is not finite gives NOT_A_NUMBER.
#include "kernel.cuh"

namespace {

constexpr int SAMPLE_THREADS = 512, SAMPLE_WARPS = SAMPLE_THREADS / 32;
constexpr int NOT_A_NUMBER = -1, NONE_ALLOWED = -2;
constexpr int HIDDEN_STATE = -2;  // a target; those from 0 on are known tokens
constexpr int MOST_TOP = 20, LOADS = 8;
constexpr int BIN_BITS = 10, BINS = 1 << BIN_BITS, BINS_EACH = BINS / SAMPLE_THREADS;
constexpr int WEIGHT_BITS = 15, WEIGHT_PARTS = 3;  // parts of a weight, each added up on its own in 32 bits
constexpr double WHOLE_WEIGHT = 35184372088832.0;  // 2^45: the likeliest token's
constexpr double REACH = 40;  // e^40 times less likely than the best: without weight
constexpr uint64_t BAD = ~0ull;  // the key of what is not a finite number
constexpr uint32_t SEEN = 0x80000000u;  // of a token's count: it is in the prompt or the output
constexpr int ALL_IDS = 0x7fffffff;

/** What SampleRows writes. */
struct SampleRow {
  double top_p, min_p;
  uint64_t seed;
  int output_position, target, top_k, top_logprobs;
  float temperature, repetition, presence, frequency;
  int slot, mask, barred_from, barred_count, bias_from, bias_count;
};

/** What SampleRows reads. */
struct TokenScore {
  float logprob;
  int rank;
  int ids[MOST_TOP];
  float logprobs[MOST_TOP];
};

__device__ uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

__device__ uint32_t random_bits(uint64_t key, int index) { return mix(key + 0x9E3779B97F4A7C15ull * (index + 1ull)) >> 32; }

/** Larger logits have larger codes. */
__device__ uint32_t code_of(float logit) {
  uint32_t bits = __float_as_uint(logit == 0 ? 0.f : logit);
  return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

__device__ float logit_of(uint32_t code) { return __uint_as_float(code & 0x80000000u ? code & 0x7fffffffu : ~code); }

/** The best token has the largest key. */
__device__ uint64_t key_of(float logit, int id) { return (uint64_t)code_of(logit) << 32 | (uint32_t)~id; }
__device__ int id_of(uint64_t key) { return (int)~(uint32_t)key; }
__device__ float logit_of(uint64_t key) { return logit_of((uint32_t)(key >> 32)); }

__device__ uint32_t max_code(uint32_t a, uint32_t b) { return a > b ? a : b; }

struct Drawn {
  double value;
  int id;
};

struct Largest {
  __device__ uint64_t operator()(uint64_t a, uint64_t b) const { return a > b ? a : b; }
  __device__ Drawn operator()(Drawn a, Drawn b) const { return b.value > a.value || (b.value == a.value && b.id < a.id) ? b : a; }
};

struct Sum {
  template <class V>
  __device__ V operator()(V a, V b) const { return a + b; }
};

__device__ uint64_t from_lane(uint64_t v, int offset) { return __shfl_xor_sync(~0u, v, offset); }
__device__ double from_lane(double v, int offset) { return __shfl_xor_sync(~0u, v, offset); }
__device__ Drawn from_lane(Drawn v, int offset) { return {__shfl_xor_sync(~0u, v.value, offset), __shfl_xor_sync(~0u, v.id, offset)}; }

struct Shared {
  uint4 warps[SAMPLE_WARPS];
  uint4 exchange[2][8];
  uint32_t bins[1 + WEIGHT_PARTS][BINS];
  uint32_t counts[BINS];
  uint64_t masses[BINS];
  uint64_t found[3];
  uint64_t top[8][MOST_TOP];
};

/** The blocks that share a row. */
template <int BLOCKS>
struct Cluster {
  Shared* shared;
  int rank;
  int turn = 0;

  __device__ void sync() const {
    if constexpr (BLOCKS == 1) {
      __syncthreads();
    } else {
      asm volatile("barrier.cluster.arrive.release.aligned;\n\tbarrier.cluster.wait.acquire.aligned;" ::: "memory");
    }
  }
  /** The others' shared memory is there once they have all announced themselves. */
  __device__ void announce() const {
    if constexpr (BLOCKS > 1) asm volatile("barrier.cluster.arrive.release.aligned;" ::: "memory");
  }
  __device__ void await_others() const {
    if constexpr (BLOCKS > 1) asm volatile("barrier.cluster.wait.acquire.aligned;" ::: "memory");
  }
  /** An address of this block's shared memory as another block's. */
  __device__ static uint32_t of(const void* p, int rank) {
    uint32_t address;
    asm volatile("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(address) : "r"(shared_address(p)), "r"(rank));
    return address;
  }
  template <class V>
  __device__ static void store(V* p, int rank, V value) {
    static_assert(sizeof(V) % 4 == 0, "whole words");
    if constexpr (BLOCKS == 1) {
      *p = value;
    } else {
      uint32_t words[sizeof(V) / 4], address = of(p, rank);
      memcpy(words, &value, sizeof(V));
#pragma unroll
      for (int i = 0; i < (int)sizeof(V) / 4; i++) asm volatile("st.shared::cluster.u32 [%0], %1;" ::"r"(address + 4 * i), "r"(words[i]) : "memory");
    }
  }
  __device__ static uint32_t load(const uint32_t* p, int rank) {
    if constexpr (BLOCKS == 1) return *p;
    uint32_t v;
    asm volatile("ld.shared::cluster.u32 %0, [%1];" : "=r"(v) : "r"(of(p, rank)) : "memory");
    return v;
  }

  /** Over all threads of all blocks, known to them all. */
  template <class V, class Op>
  __device__ V reduce(V mine, Op op) {
    mine = reduce_block(mine, op);
    if constexpr (BLOCKS == 1) return mine;
    V* slots = reinterpret_cast<V*>(shared->exchange[turn]);
    turn ^= 1;
    if (threadIdx.x < BLOCKS) store(slots + rank, threadIdx.x, mine);
    sync();
    V all = slots[0];
#pragma unroll
    for (int b = 1; b < BLOCKS; b++) all = op(all, slots[b]);
    return all;
  }

  template <class V, class Op>
  __device__ V reduce_block(V mine, Op op) const {
    static_assert(sizeof(V) <= 16, "what a slot holds");
    V* warps = reinterpret_cast<V*>(shared->warps);
    for (int offset = 16; offset > 0; offset >>= 1) mine = op(mine, from_lane(mine, offset));
    __syncthreads();
    if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = mine;
    __syncthreads();
    V all = warps[0];
    for (int w = 1; w < SAMPLE_WARPS; w++) all = op(all, warps[w]);
    return all;
  }
};

/** The tokens that are kept: those of a larger code than last's, and of its own code up to its id. */
struct Cutoff {
  uint32_t code;
  int id;
  __device__ bool keeps(uint32_t c, int i) const { return c > code || (c == code && i <= id); }
};

/** A row's tokens that one block looks after. */
template <int BLOCKS>
struct Part {
  Cluster<BLOCKS>& cluster;
  float* values;  // as they are drawn from
  int first, count;  // ids
  float max;
  double inverse;  // of the temperature

  template <class F>
  __device__ void each(F f) const {
    for (int i = threadIdx.x; i < count; i += SAMPLE_THREADS) f(values[i], first + i);
  }

  __device__ uint64_t weight(float logit) const { return __double2ull_rn(exp(((double)logit - max) * inverse) * WHOLE_WEIGHT); }

  /** Adds up the tokens between two codes that are kept so far, in bins of 2^shift codes; bin 0 is the lowest. */
  __device__ void fill(uint32_t low, uint32_t high, int shift, Cutoff kept, bool weigh) const {
    Shared* s = cluster.shared;
    for (int i = threadIdx.x; i < (1 + WEIGHT_PARTS) * BINS; i += SAMPLE_THREADS) (&s->bins[0][0])[i] = 0;
    __syncthreads();
    each([&](float logit, int id) {
      uint32_t code = code_of(logit);
      if (code < low || code > high || !kept.keeps(code, id)) return;
      uint32_t bin = (code - low) >> shift;
      atomicAdd(&s->bins[0][bin], 1u);
      if (weigh) {
        uint64_t w = weight(logit);
#pragma unroll
        for (int p = 0; p < WEIGHT_PARTS; p++) {
          uint32_t part = (uint32_t)(w >> WEIGHT_BITS * p) & (p == WEIGHT_PARTS - 1 ? ~0u : (1u << WEIGHT_BITS) - 1);
          if (part) atomicAdd(&s->bins[1 + p][bin], part);
        }
      }
    });
  }

  /** Every block adds up some bins of all blocks and tells them all. */
  __device__ void share(bool weigh) const {
    Shared* s = cluster.shared;
    constexpr int OWN = BINS / BLOCKS;
    cluster.sync();
    for (int i = threadIdx.x; i < OWN; i += SAMPLE_THREADS) {
      int bin = cluster.rank * OWN + i;
      uint32_t n = 0;
      uint64_t mass = 0;
#pragma unroll
      for (int b = 0; b < BLOCKS; b++) {
        n += cluster.load(&s->bins[0][bin], b);
        if (weigh) {
#pragma unroll
          for (int p = 0; p < WEIGHT_PARTS; p++) mass += (uint64_t)cluster.load(&s->bins[1 + p][bin], b) << WEIGHT_BITS * p;
        }
      }
#pragma unroll
      for (int b = 0; b < BLOCKS; b++) {
        cluster.store(&s->counts[bin], b, n);
        if (weigh) cluster.store(&s->masses[bin], b, mass);
      }
    }
    cluster.sync();
  }

  /** The sum over this thread's bins and all higher ones, and over all; counted from the highest bin. */
  __device__ uint64_t sums(const uint64_t* own, uint64_t* all) const {
    uint64_t* warps = reinterpret_cast<uint64_t*>(cluster.shared->warps);
    uint64_t mine = 0;
    for (int i = 0; i < BINS_EACH; i++) mine += own[i];
    uint64_t sum = mine;
    int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    for (int offset = 1; offset < 32; offset <<= 1) {
      uint64_t other = __shfl_up_sync(~0u, sum, offset);
      if (lane >= offset) sum += other;
    }
    __syncthreads();
    if (lane == 31) warps[warp] = sum;
    __syncthreads();
    uint64_t total = 0;
    for (int w = 0; w < SAMPLE_WARPS; w++) {
      if (w == warp) sum += total;
      total += warps[w];
    }
    *all = total;
    return sum - mine;
  }

  /**
   * Shortens what is kept to the first tokens, in their order, whose number reaches k or, where k is 0, whose weight reaches a share of all
   * their weight. Tokens below a code are left out of the counting.
   */
  __device__ void cut(Cutoff* kept, uint32_t low, uint32_t high, int k, double share_of_all) {
    bool weigh = k == 0;
    uint64_t wanted = k;
    for (bool begins = true;; begins = false) {
      int shift = ::max(0, 32 - __clz(high - low) - BIN_BITS);
      fill(low, high, shift, *kept, weigh);
      share(weigh);
      Shared* s = cluster.shared;
      uint64_t own[BINS_EACH], all;
      int top = BINS - 1 - (int)threadIdx.x * BINS_EACH;
      for (int i = 0; i < BINS_EACH; i++) own[i] = weigh ? s->masses[top - i] : s->counts[top - i];
      uint64_t before = sums(own, &all);
      if (begins && weigh) wanted = (uint64_t)ceil(share_of_all * (double)all);
      if (all < wanted || all == 0) return;
      for (int i = 0; i < BINS_EACH; before += own[i++])
        if (before < wanted && before + own[i] >= wanted) s->found[0] = top - i, s->found[1] = before, s->found[2] = own[i];
      __syncthreads();
      uint32_t bin = (uint32_t)s->found[0], members = s->counts[bin];
      wanted -= s->found[1];
      low += bin << shift;
      bool whole = weigh ? members == 1 : members == wanted;
      if (shift == 0 && !whole) {
        uint64_t each = weigh ? s->found[2] / members : 1;
        uint32_t needed = (uint32_t)((wanted + each - 1) / each);
        *kept = {low, needed >= members ? last_id(*kept, low) : nth_id(low, needed)};
        return;
      }
      if (whole) {
        *kept = {low, last_id(*kept, low)};
        return;
      }
      high = low + (1u << shift) - 1;
      __syncthreads();
    }
  }

  __device__ static int last_id(Cutoff kept, uint32_t code) { return kept.code == code ? kept.id : ALL_IDS; }

  /** The id of the n-th token of one code. */
  __device__ int nth_id(uint32_t code, uint32_t n) {
    int from = 0, to = ALL_IDS - 1;
    while (from < to) {
      int middle = from + (to - from) / 2;
      uint64_t here = 0;
      each([&](float logit, int id) { here += code_of(logit) == code && id <= middle; });
      if (cluster.reduce(here, Sum()) >= n)
        to = middle;
      else
        from = middle + 1;
    }
    return from;
  }

  /** Adds noise to what is kept; the likeliest has the noise that others must beat. */
  __device__ int draw(int best, Cutoff kept, uint64_t key) {
    auto noisy = [&](float logit, uint32_t bits) { return logit * inverse - log(-log((bits + 0.5) * 0x1p-32)); };
    Drawn drawn = {noisy(max, random_bits(key, best)), best};
    each([&](float logit, int id) {
      if (!kept.keeps(code_of(logit), id)) return;
      uint32_t bits = random_bits(key, id);
      // Noise of a number u is at least d only if 1 - u is at most e^-d: as many leading ones as d has factors of 2.
      int ones = (int)((float)(drawn.value - logit * inverse) * 1.4426f);
      if (ones > 32 || (ones > 0 && ~bits >> (32 - ones) != 0)) return;
      drawn = Largest()(drawn, {noisy(logit, bits), id});
    });
    return cluster.reduce(drawn, Largest()).id;
  }
};

/** Of the raw logits: the token's log-probability and rank, and the likeliest tokens. */
template <int BLOCKS>
__device__ void score(Cluster<BLOCKS>& cluster, const float* logits, int first, int count, uint64_t best, int token, bool ranked, int top,
                      TokenScore* to) {
  float logit = logits[token];
  double max = logit_of(best), sum = 0;
  uint64_t above = 0, mine = 0;
  for (int i = threadIdx.x; i < count; i += SAMPLE_THREADS) {
    float v = logits[first + i];
    sum += __expf((float)(v - max));
    above += v > logit;
    mine = Largest()(mine, key_of(v, first + i));
  }
  double log_of_sum = max + log(cluster.reduce(sum, Sum()));
  above = cluster.reduce(above, Sum());
  // Each block's best ones; only the thread that had the last looks for its next.
  Shared* s = cluster.shared;
  for (int n = 0; n < top; n++) {
    uint64_t key = cluster.reduce_block(mine, Largest());
    if (threadIdx.x == 0) Cluster<BLOCKS>::store(&s->top[cluster.rank][n], 0, key);
    if (key != 0 && mine == key) {
      mine = 0;
      for (int i = threadIdx.x; i < count; i += SAMPLE_THREADS) {
        uint64_t other = key_of(logits[first + i], first + i);
        if (other < key) mine = Largest()(mine, other);
      }
    }
  }
  cluster.sync();
  if (cluster.rank != 0 || threadIdx.x != 0) return;
  int next[BLOCKS] = {};
  for (int n = 0; n < top; n++) {
    uint64_t key = 0;
    int from = 0;
#pragma unroll
    for (int b = 0; b < BLOCKS; b++) {
      uint64_t candidate = next[b] < top ? s->top[b][next[b]] : 0;
      if (candidate > key) key = candidate, from = b;
    }
#pragma unroll
    for (int b = 0; b < BLOCKS; b++) next[b] += b == from;
    to->ids[n] = id_of(key);
    to->logprobs[n] = (float)(logit_of(key) - log_of_sum);
  }
  to->logprob = (float)(logit - log_of_sum);
  to->rank = ranked ? (int)above + 1 : 0;
}

__device__ float penalized(float logit, uint32_t count, const SampleRow& row) {
  if (count == 0) return logit;
  logit = logit > 0 ? logit / row.repetition : logit * row.repetition;
  int times = count & ~SEEN;
  return times == 0 ? logit : __fsub_rn(__fsub_rn(logit, __fmul_rn(row.frequency, (float)times)), row.presence);
}

/** Mask, barred ids, biases, penalties, in this order. Returns this thread's largest key. */
__device__ uint64_t adjust(float* values, int first, int count, const SampleRow& row, const uint32_t* mask, const int* ids, const float* biases,
                           const uint32_t* counts) {
  __syncthreads();
  if (mask)
    for (int i = threadIdx.x; i < count; i += SAMPLE_THREADS)
      if (!(mask[(first + i) / 32] >> ((first + i) & 31) & 1)) values[i] = -INFINITY;
  __syncthreads();
  for (int i = threadIdx.x; i < row.barred_count; i += SAMPLE_THREADS) {
    int place = ids[row.barred_from + i] - first;
    if (place >= 0 && place < count) values[place] = -INFINITY;
  }
  __syncthreads();
  for (int i = threadIdx.x; i < row.bias_count; i += SAMPLE_THREADS) {
    int place = ids[row.bias_from + i] - first;
    if (place >= 0 && place < count) values[place] += biases[row.bias_from + i];
  }
  __syncthreads();
  uint64_t best = 0;
  for (int i = threadIdx.x; i < count; i += SAMPLE_THREADS) {
    float v = values[i];
    if (counts) values[i] = v = penalized(v, counts[first + i], row);
    best = Largest()(best, v <= 3.402823466e38f ? key_of(v, first + i) : BAD);
  }
  return best;
}

__device__ uint32_t shared_bytes() {
  uint32_t bytes;
  asm("mov.u32 %0, %%dynamic_smem_size;" : "=r"(bytes));
  return bytes;
}

template <int BLOCKS>
__device__ void sample(const float* logits, int vocabulary, const SampleRow* rows, const uint32_t* masks, int mask_words, const int* ids,
                       const float* biases, uint32_t* counts, float* scratch, int* tokens, TokenScore* scores) {
  extern __shared__ float kept_values[];
  __shared__ Shared shared;
  await_previous();
  allow_next();
  int at = blockIdx.x / BLOCKS;
  const SampleRow& row = rows[at];
  Cluster<BLOCKS> cluster = {&shared, (int)blockIdx.x % BLOCKS};
  bool leads = cluster.rank == 0 && threadIdx.x == 0;
  if (row.target == HIDDEN_STATE) {
    if (leads) tokens[at] = 0;
    return;
  }
  cluster.announce();
  int share = ((vocabulary + BLOCKS - 1) / BLOCKS + 31) / 32 * 32;
  int first = min(cluster.rank * share, vocabulary), count = min(share, vocabulary - first);
  logits += (size_t)at * vocabulary;
  float* values = scratch ? scratch + (size_t)at * vocabulary + first : kept_values;
  bool draws = row.target < 0, penalizes = row.repetition != 1 || row.presence != 0 || row.frequency != 0;
  bool adjusts = draws && (penalizes || row.mask >= 0 || row.barred_count > 0 || row.bias_count > 0);
  bool keeps = draws && (adjusts || row.temperature > 0);
  if (keeps && !scratch && shared_bytes() < 4 * share) __trap();

  uint64_t mine = 0;
  for (int i = threadIdx.x; i < count; i += SAMPLE_THREADS * LOADS) {
    float v[LOADS];
#pragma unroll
    for (int l = 0; l < LOADS; l++) v[l] = __ldg(logits + first + min(i + l * SAMPLE_THREADS, count - 1));
#pragma unroll
    for (int l = 0; l < LOADS; l++) {
      int place = min(i + l * SAMPLE_THREADS, count - 1);  // the last one more than once, which changes nothing
      if (keeps) values[place] = v[l];
      mine = Largest()(mine, fabsf(v[l]) <= 3.402823466e38f ? key_of(v[l], first + place) : BAD);
    }
  }
  cluster.await_others();
  uint64_t raw_best = cluster.reduce(mine, Largest()), best = raw_best;
  int token = row.target;
  uint32_t* my_counts = penalizes ? counts + (size_t)row.slot * vocabulary : nullptr;
  if (adjusts && raw_best != BAD) {
    const uint32_t* mask = row.mask >= 0 ? masks + (size_t)row.mask * mask_words : nullptr;
    best = cluster.reduce(adjust(values, first, count, row, mask, ids, biases, my_counts), Largest());
  }
  if (raw_best == BAD || best == BAD) {
    token = NOT_A_NUMBER;
  } else if (draws && logit_of(best) == -INFINITY) {
    token = NONE_ALLOWED;
  } else if (draws) {
    token = id_of(best);
    if (row.temperature > 0) {
      float max = logit_of(best);
      Part<BLOCKS> part = {cluster, values, first, count, max, 1.0 / row.temperature};
      float least = row.min_p > 0 ? __double2float_ru(max + log(row.min_p) * row.temperature) : -3.402823466e38f;
      Cutoff kept = {code_of(least), ALL_IDS};
      uint32_t high = (uint32_t)(best >> 32);
      if (row.top_k > 0 && row.top_k < vocabulary) part.cut(&kept, kept.code, high, row.top_k, 0);
      if (row.top_p < 1) part.cut(&kept, max_code(kept.code, code_of(__double2float_ru(max - REACH * row.temperature))), high, 0, row.top_p);
      uint64_t key = mix(mix(row.seed) + 0x9E3779B97F4A7C15ull * (row.output_position + 1ull));
      token = part.draw(token, kept, key);
    }
    if (leads && my_counts) my_counts[token] = (my_counts[token] + 1) | SEEN;
  }
  if (leads) tokens[at] = token;
  if (token >= 0 && row.top_logprobs >= 0)
    score(cluster, logits, first, count, raw_best, token, !draws, min(row.top_logprobs, min(vocabulary, MOST_TOP)), scores + at);
}

}  // namespace

#define SAMPLE(BLOCKS, SHAPE)                                                                                                               \
  extern "C" SHAPE __global__ void __launch_bounds__(SAMPLE_THREADS) sample_##BLOCKS(                                                       \
      const float* logits, int vocabulary, const SampleRow* rows, const uint32_t* masks, int mask_words, const int* ids, const float* biases, \
      uint32_t* counts, float* scratch, int* tokens, TokenScore* scores) {                                                                  \
    sample<BLOCKS>(logits, vocabulary, rows, masks, mask_words, ids, biases, counts, scratch, tokens, scores);                              \
  }

SAMPLE(1, )
#if __CUDA_ARCH__ >= 900 || !defined(__CUDA_ARCH__)
SAMPLE(8, __cluster_dims__(8, 1, 1))
#endif

/** Adds a piece of a sequence to what its slot counts, which begins anew with the first; the first of prompt_length are the prompt's. */
extern "C" __global__ void __launch_bounds__(SAMPLE_THREADS) count_tokens(int slot, int begins, const int* history, int length, int prompt_length,
                                                                          int vocabulary, uint32_t* counts) {
  await_previous();
  allow_next();
  uint32_t* mine = counts + (size_t)slot * vocabulary;
  if (begins)
    for (int i = threadIdx.x; i < vocabulary; i += SAMPLE_THREADS) mine[i] = 0;
  __syncthreads();
  for (int i = threadIdx.x; i < length; i += SAMPLE_THREADS) {
    atomicOr(mine + history[i], SEEN);
    if (i >= prompt_length) atomicAdd(mine + history[i], 1u);
  }
}
