// out = activation(gate) * up, where a row of gate_up is gate then up. Columns: a multiple of 8.
#include "quantize.cuh"

namespace {

constexpr int ACT_THREADS = 256;
enum { SILU, GELU_TANH, GELU };

__device__ __forceinline__ float activate(float x, int activation) {
  if (activation == SILU) return x / (1 + __expf(-x));
  if (activation == GELU) return 0.5f * x * (1 + erff(x * 0.70710678f));
  float y = 0.79788456f * (x + 0.044715f * x * x * x);
  return x - x / (1 + __expf(2 * y));
}

__device__ __forceinline__ void gated(const bf16* gate_up, int columns, int k, int activation, float* v) {
  float up[8];
  unpack8(load16(gate_up + k), v);
  unpack8(load16(gate_up + columns + k), up);
  for (int i = 0; i < 8; i++) v[i] = activate(v[i], activation) * up[i];
}

/** A block takes a row and keeps it in shared memory (2 bytes a column) until its scale is known. */
template <class T>
__device__ void act_quantized(const bf16* gate_up, int columns, int activation, T* out, float* scales, float fixed_scale, int group) {
  extern __shared__ __align__(16) bf16 kept[];
  __shared__ float warps[ACT_THREADS / 32];
  await_previous();
  allow_next();
  size_t row = blockIdx.x;
  float largest = 0;
  for (int k = threadIdx.x * 8; k < columns; k += ACT_THREADS * 8) {
    float v[8];
    gated(gate_up + row * 2 * columns, columns, k, activation, v);
    largest = fmaxf(largest, largest_of(v));
    *reinterpret_cast<uint4*>(kept + k) = pack8(v);
  }
  if (fixed_scale == 0 && group == 0) largest = block_max(largest, warps);
  float scale = fixed_scale != 0 ? fixed_scale : scale_for<T>(largest);
  if (group == 0 && threadIdx.x == 0) scales[row] = scale;
  for (int start = 0; start < columns; start += ACT_THREADS * 8) {
    int k = start + threadIdx.x * 8;
    float v[8] = {};
    if (k < columns) unpack8(load16(kept + k), v);
    if (group != 0) {
      scale = scale_for<T>(group_max(largest_of(v)));
      if (k < columns && k % 128 == 0) scales[row * ((columns + 127) / 128) + k / 128] = scale;
    }
    if (k < columns) *reinterpret_cast<uint2*>(out + row * columns + k) = Quantized<T>::pack(v, 1.f / scale);
  }
}

}  // namespace

extern "C" __global__ void __launch_bounds__(ACT_THREADS) gate_up_act_bf16(const bf16* gate_up, int columns, int activation, bf16* out) {
  await_previous();
  allow_next();
  size_t row = blockIdx.y;
  int k = (blockIdx.x * ACT_THREADS + threadIdx.x) * 8;
  if (k >= columns) return;
  float v[8];
  gated(gate_up + row * 2 * columns, columns, k, activation, v);
  *reinterpret_cast<uint4*>(out + row * columns + k) = pack8(v);
}

#define GATE_UP_ACT(TYPE, NAME)                                                                                                   \
  extern "C" __global__ void __launch_bounds__(ACT_THREADS) gate_up_act_quantized_##NAME(                                         \
      const bf16* gate_up, int columns, int activation, TYPE* out, float* scales, float fixed_scale, int group) {                 \
    act_quantized<TYPE>(gate_up, columns, activation, out, scales, fixed_scale, group);                                           \
  }

GATE_UP_ACT(fp8, fp8)
GATE_UP_ACT(int8_t, int8)
