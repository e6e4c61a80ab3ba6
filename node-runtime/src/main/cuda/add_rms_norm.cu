// residual += delta (where there is one); out = residual / rms(residual) * weight, as bfloat16 or quantized.
// A block takes a row and keeps it in registers. Columns: a multiple of 8, at most 8 * 512 * NORM_PARTS.
#include "quantize.cuh"

namespace {

constexpr int NORM_THREADS = 512, NORM_PARTS = 4;

struct Row {
  float v[NORM_PARTS][8];

  /** Reads the row, adds what is to be added, and returns the factor that the norm multiplies with. */
  __device__ float normalize(bf16* residual, const bf16* delta, int columns, float epsilon, float* warps) {
    await_previous();
    allow_next();
    size_t start = (size_t)blockIdx.x * columns;
    float squares = 0;
#pragma unroll
    for (int p = 0; p < NORM_PARTS; p++) {
      int k = (p * NORM_THREADS + threadIdx.x) * 8;
      if (k >= columns) break;
      unpack8(load16(residual + start + k), v[p]);
      if (delta) {
        float d[8];
        unpack8(load16(delta + start + k), d);
        for (int i = 0; i < 8; i++) v[p][i] += d[i];
        uint4 sum = pack8(v[p]);
        *reinterpret_cast<uint4*>(residual + start + k) = sum;
        unpack8(sum, v[p]);
      }
      for (int i = 0; i < 8; i++) squares += v[p][i] * v[p][i];
    }
    return rsqrtf(block_sum(squares, warps) / columns + epsilon);
  }

  __device__ void scale(int p, int k, float factor, const float* weight) {
    const float4* w = reinterpret_cast<const float4*>(weight + k);
    float4 a = __ldg(w), b = __ldg(w + 1);
    v[p][0] *= factor * a.x, v[p][1] *= factor * a.y, v[p][2] *= factor * a.z, v[p][3] *= factor * a.w;
    v[p][4] *= factor * b.x, v[p][5] *= factor * b.y, v[p][6] *= factor * b.z, v[p][7] *= factor * b.w;
  }
};

/** fixed_scale: of the whole tensor, or 0; group: 128, or 0 for a scale a row. */
template <class T>
__device__ void norm_quantized(bf16* residual, const bf16* delta, const float* weight, float epsilon, int columns, T* out, float* scales, float fixed_scale,
                               int group) {
  __shared__ float warps[NORM_THREADS / 32];
  Row row;
  float factor = row.normalize(residual, delta, columns, epsilon, warps);
  float largest = 0;
#pragma unroll
  for (int p = 0; p < NORM_PARTS; p++) {
    int k = (p * NORM_THREADS + threadIdx.x) * 8;
    if (k >= columns) break;
    row.scale(p, k, factor, weight);
    largest = fmaxf(largest, largest_of(row.v[p]));
  }
  if (fixed_scale == 0 && group == 0) largest = block_max(largest, warps);
  float scale = fixed_scale != 0 ? fixed_scale : scale_for<T>(largest);
  if (group == 0 && threadIdx.x == 0) scales[blockIdx.x] = scale;
#pragma unroll
  for (int p = 0; p < NORM_PARTS; p++) {
    int k = (p * NORM_THREADS + threadIdx.x) * 8;
    if (p * NORM_THREADS * 8 >= columns) break;
    if (group != 0) {
      scale = scale_for<T>(group_max(k < columns ? largest_of(row.v[p]) : 0.f));
      if (k < columns && k % 128 == 0) scales[(size_t)blockIdx.x * ((columns + 127) / 128) + k / 128] = scale;
    }
    if (k < columns) *reinterpret_cast<uint2*>(out + (size_t)blockIdx.x * columns + k) = Quantized<T>::pack(row.v[p], 1.f / scale);
  }
}

}  // namespace

extern "C" __global__ void __launch_bounds__(NORM_THREADS) add_rms_norm_bf16(bf16* residual, const bf16* delta, const float* weight, float epsilon,
                                                                             int columns, bf16* out) {
  __shared__ float warps[NORM_THREADS / 32];
  Row row;
  float factor = row.normalize(residual, delta, columns, epsilon, warps);
#pragma unroll
  for (int p = 0; p < NORM_PARTS; p++) {
    int k = (p * NORM_THREADS + threadIdx.x) * 8;
    if (k >= columns) break;
    row.scale(p, k, factor, weight);
    *reinterpret_cast<uint4*>(out + (size_t)blockIdx.x * columns + k) = pack8(row.v[p]);
  }
}

#define ADD_RMS_NORM(TYPE, NAME)                                                                                                              \
  extern "C" __global__ void __launch_bounds__(NORM_THREADS) add_rms_norm_quantized_##NAME(                                                   \
      bf16* residual, const bf16* delta, const float* weight, float epsilon, int columns, TYPE* out, float* scales, float fixed_scale, int group) { \
    norm_quantized<TYPE>(residual, delta, weight, epsilon, columns, out, scales, fixed_scale, group);                                         \
  }

ADD_RMS_NORM(fp8, fp8)
ADD_RMS_NORM(int8_t, int8)
