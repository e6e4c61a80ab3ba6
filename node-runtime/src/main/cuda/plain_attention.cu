// Attention over paged keys and values for heads of any size up to 256, written for being right: what the fast kernels are not built for.
// A block takes a query row and a head; its warps take turns at the tokens.
//
// Cache: [block][kv head][place][dim].
#include "kernel.cuh"

namespace {

constexpr int PLAIN_WARPS = 4;
constexpr int PLAIN_PARTS = 8;  // dimensions a lane

template <class T>
__device__ void attend(const bf16* queries, int query_stride, const T* keys, const T* values, const int* tables, int table_stride,
                       const int* slots, const int* lengths, bf16* out, int heads, int kv_heads, int dim, int block_size, int window,
                       float scale, float softcap, float key_scale, float value_scale) {
  __shared__ float shared_o[PLAIN_WARPS][PLAIN_PARTS * 32], shared_max[PLAIN_WARPS], shared_sum[PLAIN_WARPS];
  allow_next();
  await_previous();
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32, row = blockIdx.x, head = blockIdx.y, kv_head = head / (heads / kv_heads);
  int length = lengths[row], first = window > 0 ? max(0, length - window) : 0;
  const bf16* query = queries + (size_t)row * query_stride + head * dim;
  const int* table = tables + (size_t)slots[row] * table_stride;
  float q[PLAIN_PARTS], o[PLAIN_PARTS] = {}, max = -INFINITY, sum = 0;
#pragma unroll
  for (int i = 0; i < PLAIN_PARTS; i++) q[i] = i * 32 + lane < dim ? __bfloat162float(query[i * 32 + lane]) * scale * key_scale : 0.f;
  for (int token = first + warp; token < length; token += PLAIN_WARPS) {
    size_t place = (((size_t)table[token / block_size] * kv_heads + kv_head) * block_size + token % block_size) * dim;
    float score = 0;
#pragma unroll
    for (int i = 0; i < PLAIN_PARTS; i++)
      if (i * 32 + lane < dim) score += q[i] * float(keys[place + i * 32 + lane]);
    score = warp_sum(score);
    if (softcap > 0) score = softcap * tanhf(score / softcap);
    float larger = fmaxf(max, score), shrink = expf(max - larger), weight = expf(score - larger);
    max = larger;
    sum = sum * shrink + weight;
#pragma unroll
    for (int i = 0; i < PLAIN_PARTS; i++)
      if (i * 32 + lane < dim) o[i] = o[i] * shrink + weight * float(values[place + i * 32 + lane]);
  }
#pragma unroll
  for (int i = 0; i < PLAIN_PARTS; i++) shared_o[warp][i * 32 + lane] = o[i];
  if (lane == 0) shared_max[warp] = max, shared_sum[warp] = sum;
  __syncthreads();
  for (int d = threadIdx.x; d < dim; d += PLAIN_WARPS * 32) {
    float largest = -INFINITY, total = 0, value = 0;
    for (int w = 0; w < PLAIN_WARPS; w++) largest = fmaxf(largest, shared_max[w]);
    for (int w = 0; w < PLAIN_WARPS; w++) {
      float weight = largest == -INFINITY ? 0.f : expf(shared_max[w] - largest);
      total += weight * shared_sum[w];
      value += weight * shared_o[w][d];
    }
    out[((size_t)row * heads + head) * dim + d] = __float2bfloat16(length > 0 ? value / total * value_scale : 0.f);
  }
}

}  // namespace

#define PLAIN_ATTENTION(TYPE)                                                                                                               \
  extern "C" __global__ void __launch_bounds__(PLAIN_WARPS * 32) plain_attention_##TYPE(                                                    \
      const bf16* queries, int query_stride, const TYPE* keys, const TYPE* values, const int* tables, int table_stride, const int* slots,   \
      const int* lengths, bf16* out, int heads, int kv_heads, int dim, int block_size, int window, float scale, float softcap,              \
      float key_scale, float value_scale) {                                                                                                 \
    attend<TYPE>(queries, query_stride, keys, values, tables, table_stride, slots, lengths, out, heads, kv_heads, dim, block_size, window,  \
                 scale, softcap, key_scale, value_scale);                                                                                   \
  }

PLAIN_ATTENTION(bf16)
PLAIN_ATTENTION(fp8)
