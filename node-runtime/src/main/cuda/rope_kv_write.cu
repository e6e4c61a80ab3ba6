// Query and key heads: an RMS norm where there are weights for it, then the rotary embedding; queries in place, keys and values into the
// paged cache, scaled where it is e4m3. A warp takes a head of a row. A slot of -1 (a padding row) writes nothing.
//
// sets: which of the frequencies' sets a row turns by, where they depend on its sequence's length; null: the first.
// Cache: [block][kv head][place][dim]. Dimension pairs are (i, i + rotary / 2), or (2 i, 2 i + 1) where interleaved; dimensions from rotary on
// are copied.
#include "kernel.cuh"

namespace {

constexpr int ROPE_WARPS = 4;
constexpr int PAIRS = 4;  // of dimensions a lane: heads of 256 at most

__device__ __forceinline__ void store(bf16* to, float v, float) { *to = __float2bfloat16(v); }
__device__ __forceinline__ void store(fp8* to, float v, float inverse) {
  *reinterpret_cast<uint8_t*>(to) = (uint8_t)pack_e4m3(v * inverse, 0.f);
}

/** The angle's sine and cosine; reduced in double, because positions reach far beyond float's sense of pi. */
__device__ __forceinline__ void rotation(int position, float frequency, float* sine, float* cosine) {
  float angle = (float)position * frequency;
  double turns = rint((double)angle * 0.15915494309189535);
  float rest = (float)((double)angle - turns * 6.283185307179586);
  __sincosf(rest, sine, cosine);
}

template <class T>
__device__ void rope_kv_write(bf16* qkv, const int* positions, const int* slots, const int* sets, const float* frequencies,
                              const float* query_norm, const float* key_norm, float epsilon, T* keys, T* values, int heads, int kv_heads, int dim,
                              int rotary, int interleaved, float magnitude, int block_size, float key_scale, float value_scale) {
  allow_next();
  await_previous();
  int head = blockIdx.y * ROPE_WARPS + threadIdx.x / 32, lane = threadIdx.x % 32, row = blockIdx.x;
  if (head >= heads + 2 * kv_heads) return;
  bool query = head < heads, key = !query && head < heads + kv_heads;
  bf16* at = qkv + ((size_t)row * (heads + 2 * kv_heads) + head) * dim;
  int slot = slots[row], kv_head = query ? 0 : (head - heads) % kv_heads;
  size_t place = ((size_t)(slot / block_size) * kv_heads + kv_head) * block_size * dim + (size_t)(slot % block_size) * dim;
  if (!query && !key) {
    if (slot >= 0)
      for (int d = lane; d < dim; d += 32) store(values + place + d, __bfloat162float(at[d]), 1.f / value_scale);
    return;
  }

  const float* norm = query ? query_norm : key_norm;
  float factor = 1;
  if (norm) {
    float squares = 0;
    for (int d = lane; d < dim; d += 32) squares += __bfloat162float(at[d]) * __bfloat162float(at[d]);
    factor = rsqrtf(warp_sum(squares) / dim + epsilon);
  }
  auto normed = [&](int d) {
    float v = __bfloat162float(at[d]);
    return norm ? v * factor * norm[d] : v;
  };
  auto put = [&](int d, float v) {
    if (query)
      at[d] = __float2bfloat16(v);
    else if (slot >= 0)
      store(keys + place + d, v, 1.f / key_scale);
  };
  int half = rotary / 2;
  if (sets) frequencies += (size_t)sets[row] * half;
#pragma unroll
  for (int p = 0; p < PAIRS; p++) {
    int i = p * 32 + lane;
    if (i >= half) break;
    int first = interleaved ? 2 * i : i, second = interleaved ? 2 * i + 1 : i + half;
    float sine, cosine, a = normed(first), b = normed(second);
    rotation(positions[row], frequencies[i], &sine, &cosine);
    put(first, (a * cosine - b * sine) * magnitude);
    put(second, (b * cosine + a * sine) * magnitude);
  }
  for (int d = rotary + lane; d < dim; d += 32) put(d, normed(d));
}

}  // namespace

#define ROPE_KV_WRITE(TYPE)                                                                                                                   \
  extern "C" __global__ void __launch_bounds__(ROPE_WARPS * 32, 8) rope_kv_write_##TYPE(                                                         \
      bf16* qkv, const int* positions, const int* slots, const int* sets, const float* frequencies, const float* query_norm,                  \
      const float* key_norm, float epsilon, TYPE* keys, TYPE* values, int heads, int kv_heads, int dim, int rotary, int interleaved,          \
      float magnitude, int block_size, float key_scale, float value_scale) {                                                                  \
    rope_kv_write<TYPE>(qkv, positions, slots, sets, frequencies, query_norm, key_norm, epsilon, keys, values, heads, kv_heads, dim, rotary,  \
                        interleaved, magnitude, block_size, key_scale, value_scale);                                                          \
  }

ROPE_KV_WRITE(bf16)
ROPE_KV_WRITE(fp8)
