// Draws a token from each row of logits as the CPU does: the same generator, a function of (seed, output position, token id), and the same
// order of tokens, by falling logit and then by id. A block takes a row.
//
// Greedy: the largest logit. Otherwise Gumbel noise is added to the scaled logits of the tokens that top-k and top-p keep, and the largest
// sum wins. What is kept is found by bisecting over the logits' bits, and within one value over ids, which sorts nothing. Sums are taken in
// double in a fixed order. A row with a logit that is not finite gives NOT_A_NUMBER.
#include "kernel.cuh"

namespace {

constexpr int SAMPLE_THREADS = 1024, SAMPLE_WARPS = SAMPLE_THREADS / 32;
constexpr int NOT_A_NUMBER = -1;
constexpr double LARGEST_NOISE = 23;  // uniform() stays 2^-33 below 1

__device__ uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

__device__ double uniform(uint64_t key, int index) {
  uint64_t bits = mix(key + 0x9E3779B97F4A7C15ull * (index + 1ull)) >> 32;
  return (bits + 0.5) * 0x1p-32;
}

/** Larger logits have larger codes. */
__device__ uint32_t code_of(float logit) {
  uint32_t bits = __float_as_uint(logit == 0 ? 0.f : logit);
  return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

struct Best {
  double value;
  int id;
};

__device__ Best better(Best a, Best b) { return b.value > a.value || (b.value == a.value && (unsigned)b.id < (unsigned)a.id) ? b : a; }

__device__ Best best_of_block(Best mine, Best* warps) {
  for (int offset = 16; offset > 0; offset >>= 1)
    mine = better(mine, {__shfl_xor_sync(~0u, mine.value, offset), __shfl_xor_sync(~0u, mine.id, offset)});
  __syncthreads();
  if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = mine;
  __syncthreads();
  Best best = warps[0];
  for (int w = 1; w < SAMPLE_WARPS; w++) best = better(best, warps[w]);
  return best;
}

template <class T>
__device__ T sum_of_block(T v, T* warps) {
  for (int offset = 16; offset > 0; offset >>= 1) v += __shfl_xor_sync(~0u, v, offset);
  __syncthreads();
  if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = v;
  __syncthreads();
  T sum = 0;
  for (int w = 0; w < SAMPLE_WARPS; w++) sum += warps[w];
  return sum;
}

struct Shared {
  Best best[SAMPLE_WARPS];
  double sums[SAMPLE_WARPS];
  int counts[SAMPLE_WARPS];
};

/** A row of logits and the tokens of it that are kept: those of a larger code than last's, and of its own code up to its id. */
struct Row {
  const float* logits;
  int vocabulary;
  Shared* shared;

  /** Count and weight of the tokens that come before or at (code, id). */
  __device__ void up_to(uint32_t code, int id, double max, double inverse, int* count, double* weight) const {
    int n = 0;
    double sum = 0;
    for (int i = threadIdx.x; i < vocabulary; i += SAMPLE_THREADS) {
      uint32_t c = code_of(logits[i]);
      if (c > code || (c == code && i <= id)) {
        n++;
        if (weight) sum += exp((logits[i] - max) * inverse);
      }
    }
    *count = sum_of_block(n, shared->counts);
    if (weight) *weight = sum_of_block(sum, shared->sums);
  }

  /** The first (code, id) in the tokens' order whose count reaches wanted or, where mass is given, whose weight reaches it. */
  __device__ void find(int wanted, double mass, double max, double inverse, uint32_t* code, int* id) const {
    bool by_weight = mass > 0;
    auto enough = [&](uint32_t c, int i) {
      int count;
      double weight;
      up_to(c, i, max, inverse, &count, by_weight ? &weight : nullptr);
      return by_weight ? weight >= mass : count >= wanted;
    };
    uint32_t low = 0, high = 0xffffffffu;  // enough at low; the largest such code is sought
    while (low < high) {
      uint32_t middle = low + (high - low) / 2 + 1;
      if (enough(middle, vocabulary))
        low = middle;
      else
        high = middle - 1;
    }
    int first = 0, last = vocabulary - 1;
    while (first < last) {
      int middle = (first + last) / 2;
      if (enough(low, middle))
        last = middle;
      else
        first = middle + 1;
    }
    *code = low;
    *id = first;
  }
};

}  // namespace

extern "C" __global__ void __launch_bounds__(SAMPLE_THREADS) sample(const float* logits, int vocabulary, const float* temperatures,
                                                                    const double* top_p, const int* top_k, const uint64_t* seeds,
                                                                    const int* output_positions, int* tokens) {
  __shared__ Shared shared;
  allow_next();
  await_previous();
  Row row = {logits + (size_t)blockIdx.x * vocabulary, vocabulary, &shared};
  Best mine = {-INFINITY, 0x7fffffff};
  int bad = 0;
  for (int i = threadIdx.x; i < vocabulary; i += SAMPLE_THREADS) {
    float v = row.logits[i];
    bad |= !(fabsf(v) <= 3.402823466e38f);
    mine = better(mine, {v, i});
  }
  Best best = best_of_block(mine, shared.best);
  if (__syncthreads_or(bad)) {
    if (threadIdx.x == 0) tokens[blockIdx.x] = NOT_A_NUMBER;
    return;
  }
  float temperature = temperatures[blockIdx.x];
  if (temperature <= 0) {
    if (threadIdx.x == 0) tokens[blockIdx.x] = best.id;
    return;
  }

  double inverse = 1.0 / temperature, p = top_p[blockIdx.x];
  int k = top_k[blockIdx.x] == 0 ? vocabulary : min(top_k[blockIdx.x], vocabulary);
  uint32_t last_code = 0;
  int last_id = vocabulary;
  if (k < vocabulary) row.find(k, 0, best.value, inverse, &last_code, &last_id);
  if (p < 1) {
    int count;
    double weight;
    row.up_to(last_code, last_id, best.value, inverse, &count, &weight);
    row.find(0, p * weight, best.value, inverse, &last_code, &last_id);
  }
  uint64_t key = mix(mix(seeds[blockIdx.x]) + 0x9E3779B97F4A7C15ull * (output_positions[blockIdx.x] + 1ull));
  auto noisy = [&](int i) { return row.logits[i] * inverse - log(-log(uniform(key, i))); };
  double enough = noisy(best.id);
  Best drawn = {enough, best.id};
  for (int i = threadIdx.x; i < vocabulary; i += SAMPLE_THREADS) {
    uint32_t c = code_of(row.logits[i]);
    bool kept = c > last_code || (c == last_code && i <= last_id);
    // Most tokens cannot win whatever their noise.
    if (kept && row.logits[i] * inverse + LARGEST_NOISE >= enough) drawn = better(drawn, {noisy(i), i});
  }
  drawn = best_of_block(drawn, shared.best);
  if (threadIdx.x == 0) tokens[blockIdx.x] = drawn.id;
}
