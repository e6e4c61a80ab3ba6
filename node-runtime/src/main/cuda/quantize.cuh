// Rows of activations in 8 bits, a scale a row or a group of 128 columns.
#pragma once
#include "kernel.cuh"

/** How a row's values become bytes. */
template <class T>
struct Quantized;

template <>
struct Quantized<fp8> {
  static constexpr float LARGEST = E4M3_MAX;
  __device__ static uint2 pack(const float* v, float inverse) {
    uint32_t a = pack_e4m3(v[0] * inverse, v[1] * inverse) | (uint32_t)pack_e4m3(v[2] * inverse, v[3] * inverse) << 16;
    uint32_t b = pack_e4m3(v[4] * inverse, v[5] * inverse) | (uint32_t)pack_e4m3(v[6] * inverse, v[7] * inverse) << 16;
    return make_uint2(a, b);
  }
};

template <>
struct Quantized<int8_t> {
  static constexpr float LARGEST = 127.f;
  __device__ static uint32_t byte(float v) { return (uint32_t)max(-127, min(127, __float2int_rn(v))) & 0xff; }
  __device__ static uint2 pack(const float* v, float inverse) {
    uint32_t a = 0, b = 0;
    for (int i = 0; i < 4; i++) {
      a |= byte(v[i] * inverse) << 8 * i;
      b |= byte(v[4 + i] * inverse) << 8 * i;
    }
    return make_uint2(a, b);
  }
};

/** What a quantized row or group needs as its scale; a row of zeros: 1. */
template <class T>
__device__ __forceinline__ float scale_for(float largest) {
  return largest > 0 ? largest / Quantized<T>::LARGEST : 1.f;
}

/** The largest of 16 neighbouring lanes, which hold 128 columns. */
__device__ __forceinline__ float group_max(float v) {
  for (int offset = 8; offset > 0; offset >>= 1) v = fmaxf(v, __shfl_xor_sync(~0u, v, offset, 16));
  return v;
}

__device__ __forceinline__ float largest_of(const float* v) {
  float m = 0;
  for (int i = 0; i < 8; i++) m = fmaxf(m, fabsf(v[i]));
  return m;
}
