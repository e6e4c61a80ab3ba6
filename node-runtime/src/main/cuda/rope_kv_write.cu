// Query and key heads: an RMS norm where there are weights for it, then the rotary embedding; queries in place, keys and values into the
// paged cache, scaled where it is e4m3. A warp takes a head of a row. A slot of -1 (a padding row) writes nothing.
//
// sets: which of the frequencies' sets a row turns by, where they depend on its sequence's length; null: the first.
// Cache: [block][kv head][place][stored_dim], zeros from dim on. Dimension pairs are (i, i + rotary / 2), or (2 i, 2 i + 1) where interleaved;
// dimensions from rotary on are copied.
#include "kernel.cuh"

namespace {

constexpr int ROPE_WARPS = 4;
constexpr int STEPS = 2;  // of two pairs a lane: heads of 256 at most

__device__ __forceinline__ float2 load2(const bf16* at, bool both) {
  if (both && (reinterpret_cast<uintptr_t>(at) & 3) == 0) {
    uint32_t v = *reinterpret_cast<const uint32_t*>(at);
    return make_float2(low(v), high(v));
  }
  return make_float2(__bfloat162float(at[0]), both ? __bfloat162float(at[1]) : 0.f);
}

__device__ __forceinline__ void store2(bf16* to, float2 v, float, bool both) {
  if (both && (reinterpret_cast<uintptr_t>(to) & 3) == 0) {
    *reinterpret_cast<uint32_t*>(to) = pack_bf16(v.x, v.y);
  } else {
    to[0] = __float2bfloat16(v.x);
    if (both) to[1] = __float2bfloat16(v.y);
  }
}

__device__ __forceinline__ void store2(fp8* to, float2 v, float inverse, bool both) {
  uint16_t pair = pack_e4m3(v.x * inverse, v.y * inverse);
  uint8_t* bytes = reinterpret_cast<uint8_t*>(to);
  if (both && (reinterpret_cast<uintptr_t>(to) & 1) == 0) {
    *reinterpret_cast<uint16_t*>(bytes) = pair;
  } else {
    bytes[0] = (uint8_t)pair;
    if (both) bytes[1] = (uint8_t)(pair >> 8);
  }
}

/** The angle's sine and cosine; reduced in double, because positions reach far beyond float's sense of pi. */
__device__ __forceinline__ void rotation(int position, float frequency, float* sine, float* cosine) {
  float angle = (float)position * frequency;
  double turns = rint((double)angle * 0.15915494309189535);
  float rest = (float)((double)angle - turns * 6.283185307179586);
  __sincosf(rest, sine, cosine);
}

/** Copies an array of dim values, scaled, and the zeros behind them. */
template <class T>
__device__ __forceinline__ void store_values(const bf16* from, T* to, int dim, int stored_dim, float inverse, int lane) {
  for (int d = 2 * lane; d < dim; d += 64) store2(to + d, load2(from + d, d + 1 < dim), inverse, d + 1 < dim);
  for (int d = dim + lane; d < stored_dim; d += 32) store2(to + d, make_float2(0, 0), 1.f, false);
}

template <class T>
__device__ void rope_kv_write(bf16* qkv, const int* positions, const int* slots, const int* sets, const float* frequencies,
                              const float* query_norm, const float* key_norm, float epsilon, T* keys, T* values, int heads, int kv_heads, int dim,
                              int stored_dim, int rotary, int interleaved, float magnitude, int block_size, float key_scale, float value_scale) {
  await_previous();
  allow_next();
  int head = blockIdx.y * ROPE_WARPS + threadIdx.x / 32, lane = threadIdx.x % 32, row = blockIdx.x;
  if (head >= heads + 2 * kv_heads) return;
  bool query = head < heads, key = !query && head < heads + kv_heads;
  bf16* at = qkv + ((size_t)row * (heads + 2 * kv_heads) + head) * dim;
  int slot = slots[row], kv_head = query ? 0 : (head - heads) % kv_heads;
  size_t place = (((size_t)(slot / block_size) * kv_heads + kv_head) * block_size + slot % block_size) * stored_dim;
  if (!query && slot < 0) return;
  if (!query && !key) {
    store_values(at, values + place, dim, stored_dim, 1.f / value_scale, lane);
    return;
  }

  int half = rotary / 2, position = positions[row];
  if (sets) frequencies += (size_t)sets[row] * half;
  float2 u[STEPS], v[STEPS], sine[STEPS], cosine[STEPS];
  float squares = 0;
#pragma unroll
  for (int s = 0; s < STEPS; s++) {
    int i = s * 64 + 2 * lane;
    if (i >= half) break;
    bool both = i + 1 < half;
    u[s] = load2(at + (interleaved ? 2 * i : i), both || interleaved);
    v[s] = interleaved && !both ? make_float2(0, 0) : load2(at + (interleaved ? 2 * i + 2 : i + half), both);
    squares += u[s].x * u[s].x + u[s].y * u[s].y + v[s].x * v[s].x + v[s].y * v[s].y;
    rotation(position, frequencies[i], &sine[s].x, &cosine[s].x);
    rotation(position, both ? frequencies[i + 1] : 0.f, &sine[s].y, &cosine[s].y);
  }
  const float* norm = query ? query_norm : key_norm;
  float factor = 1;
  if (norm) {
    for (int d = rotary + lane; d < dim; d += 32) squares += __bfloat162float(at[d]) * __bfloat162float(at[d]);
    factor = rsqrtf(warp_sum(squares) / dim + epsilon);
  }
  auto put = [&](int d, float2 pair, bool both) {
    if (query)
      store2(at + d, pair, 1.f, both);
    else
      store2(keys + place + d, pair, 1.f / key_scale, both);
  };
#pragma unroll
  for (int s = 0; s < STEPS; s++) {
    int i = s * 64 + 2 * lane;
    if (i >= half) break;
    bool both = i + 1 < half, second = both || interleaved;
    int first_at = interleaved ? 2 * i : i, second_at = interleaved ? 2 * i + 2 : i + half;
    if (norm) {
      u[s].x *= factor * norm[first_at];
      if (second) u[s].y *= factor * norm[first_at + 1];
      if (both || !interleaved) v[s].x *= factor * norm[second_at];
      if (both) v[s].y *= factor * norm[second_at + 1];
    }
    float a0 = u[s].x, b0 = interleaved ? u[s].y : v[s].x, a1 = interleaved ? v[s].x : u[s].y, b1 = v[s].y;
    float2 a = make_float2((a0 * cosine[s].x - b0 * sine[s].x) * magnitude, (a1 * cosine[s].y - b1 * sine[s].y) * magnitude);
    float2 b = make_float2((b0 * cosine[s].x + a0 * sine[s].x) * magnitude, (b1 * cosine[s].y + a1 * sine[s].y) * magnitude);
    put(first_at, interleaved ? make_float2(a.x, b.x) : a, second);
    if (both || !interleaved) put(second_at, interleaved ? make_float2(a.y, b.y) : b, both);
  }
  for (int d = rotary + lane; d < dim; d += 32) put(d, make_float2(__bfloat162float(at[d]) * (norm ? factor * norm[d] : 1.f), 0.f), false);
  if (key)
    for (int d = dim + lane; d < stored_dim; d += 32) put(d, make_float2(0, 0), false);
}

}  // namespace

#define ROPE_KV_WRITE(TYPE)                                                                                                                   \
  extern "C" __global__ void __launch_bounds__(ROPE_WARPS * 32) rope_kv_write_##TYPE(                                                         \
      bf16* qkv, const int* positions, const int* slots, const int* sets, const float* frequencies, const float* query_norm,                  \
      const float* key_norm, float epsilon, TYPE* keys, TYPE* values, int heads, int kv_heads, int dim, int stored_dim, int rotary,           \
      int interleaved, float magnitude, int block_size, float key_scale, float value_scale) {                                                 \
    rope_kv_write<TYPE>(qkv, positions, slots, sets, frequencies, query_norm, key_norm, epsilon, keys, values, heads, kv_heads, dim,          \
                        stored_dim, rotary, interleaved, magnitude, block_size, key_scale, value_scale);                                      \
  }

ROPE_KV_WRITE(bf16)
ROPE_KV_WRITE(fp8)
