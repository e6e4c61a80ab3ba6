// What the kernels share: element types, 16-byte loads, tensor-core products.
#pragma once
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>
#include <stdint.h>

using bf16 = __nv_bfloat16;
using bf162 = __nv_bfloat162;
using fp8 = __nv_fp8_e4m3;

constexpr float LOG2E = 1.4426950408889634f;
constexpr float E4M3_MAX = 448.f;

#if __CUDA_ARCH__ >= 900
/** Waits for the kernels before this one, where it was launched to start early; then the next one may start. */
__device__ __forceinline__ void await_previous() {
  asm volatile("griddepcontrol.wait;" ::: "memory");
}
__device__ __forceinline__ void allow_next() { asm volatile("griddepcontrol.launch_dependents;"); }
#else
__device__ __forceinline__ void await_previous() {}
__device__ __forceinline__ void allow_next() {}
#endif

/** 16 bytes that are read once: not kept in the first-level cache. */
__device__ __forceinline__ uint4 stream16(const void* p) {
  uint4 v;
  asm volatile("ld.global.nc.L1::no_allocate.v4.u32 {%0,%1,%2,%3}, [%4];"
               : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w) : "l"(p));
  return v;
}

/** The same where the condition holds; without a branch, so that the loads of a loop stay together. */
__device__ __forceinline__ void stream16_if(uint4& v, const void* p, bool wanted) {
  asm volatile("{.reg .pred p; setp.ne.b32 p, %5, 0; @p ld.global.nc.L1::no_allocate.v4.u32 {%0,%1,%2,%3}, [%4];}"
               : "+r"(v.x), "+r"(v.y), "+r"(v.z), "+r"(v.w) : "l"(p), "r"((int)wanted));
}

__device__ __forceinline__ uint4 load16(const void* p) { return *reinterpret_cast<const uint4*>(p); }

__device__ __forceinline__ uint4 zero16() { return make_uint4(0, 0, 0, 0); }

__device__ __forceinline__ float low(uint32_t pair) { return __uint_as_float(pair << 16); }
__device__ __forceinline__ float high(uint32_t pair) { return __uint_as_float(pair & 0xffff0000u); }

__device__ __forceinline__ uint32_t pack_bf16(float a, float b) {
  uint32_t r;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(r) : "f"(b), "f"(a));
  return r;
}

__device__ __forceinline__ uint32_t pack_f16(float a, float b) {
  uint32_t r;
  asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(r) : "f"(b), "f"(a));
  return r;
}

/** Two float32 as e4m3, the first in the low byte; beyond the range: the largest. */
__device__ __forceinline__ uint16_t pack_e4m3(float a, float b) {
  return __nv_cvt_float2_to_fp8x2(make_float2(a, b), __NV_SATFINITE, __NV_E4M3);
}

/** Two e4m3 (low 16 bits) as f16x2; exact. */
__device__ __forceinline__ uint32_t e4m3_to_f16(uint16_t pair) {
  __half2_raw r = __nv_cvt_fp8x2_to_halfraw2(pair, __NV_E4M3);
  return reinterpret_cast<uint32_t&>(r);
}

__device__ __forceinline__ void unpack8(uint4 v, float* f) {
  f[0] = low(v.x), f[1] = high(v.x), f[2] = low(v.y), f[3] = high(v.y);
  f[4] = low(v.z), f[5] = high(v.z), f[6] = low(v.w), f[7] = high(v.w);
}

__device__ __forceinline__ uint4 pack8(const float* f) {
  return make_uint4(pack_bf16(f[0], f[1]), pack_bf16(f[2], f[3]), pack_bf16(f[4], f[5]), pack_bf16(f[6], f[7]));
}

/** d += a (16 x 16, row-major) * b (16 x 8, column-major). */
__device__ __forceinline__ void mma_bf16(float* d, uint32_t a0, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t b0, uint32_t b1) {
  asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]) : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
}

__device__ __forceinline__ void mma_f16(float* d, uint32_t a0, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t b0, uint32_t b1) {
  asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]) : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
}

/** d += a (16 x 32) * b (32 x 8), both e4m3; before sm_89 in two f16 products, whose terms are permuted alike on both sides. */
__device__ __forceinline__ void mma_e4m3(float* d, uint32_t a0, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t b0, uint32_t b1) {
#if __CUDA_ARCH__ >= 890
  asm("mma.sync.aligned.m16n8k32.row.col.f32.e4m3.e4m3.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]) : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
#else
  mma_f16(d, e4m3_to_f16(a0 & 0xffff), e4m3_to_f16(a1 & 0xffff), e4m3_to_f16(a2 & 0xffff), e4m3_to_f16(a3 & 0xffff), e4m3_to_f16(b0 & 0xffff),
          e4m3_to_f16(b1 & 0xffff));
  mma_f16(d, e4m3_to_f16(a0 >> 16), e4m3_to_f16(a1 >> 16), e4m3_to_f16(a2 >> 16), e4m3_to_f16(a3 >> 16), e4m3_to_f16(b0 >> 16), e4m3_to_f16(b1 >> 16));
#endif
}

/** d += a (16 x 32) * b (32 x 8), both signed bytes; exact. */
__device__ __forceinline__ void mma_s8(int* d, uint32_t a0, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t b0, uint32_t b1) {
  asm("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
               : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]) : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
}

/** An 8 x 8 matrix of 16-bit elements in a warp's registers, transposed. */
__device__ __forceinline__ uint32_t transpose8x8(uint32_t v) {
  uint32_t r;
  asm("movmatrix.sync.aligned.m8n8.trans.b16 %0, %1;" : "=r"(r) : "r"(v));
  return r;
}

__device__ __forceinline__ uint32_t shared_address(const void* p) { return static_cast<uint32_t>(__cvta_generic_to_shared(p)); }

/** Starts copying 16 bytes into shared memory; zeros where the source is not there. */
__device__ __forceinline__ void copy16_async(uint32_t shared, const void* from, bool there) {
  int bytes = there ? 16 : 0;
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared), "l"(from), "r"(bytes));
}

__device__ __forceinline__ void copies_commit() { asm volatile("cp.async.commit_group;"); }

template <int PENDING>
__device__ __forceinline__ void copies_wait() { asm volatile("cp.async.wait_group %0;" ::"n"(PENDING)); }

__device__ __forceinline__ float warp_sum(float v) {
  for (int offset = 16; offset > 0; offset >>= 1) v += __shfl_xor_sync(~0u, v, offset);
  return v;
}

__device__ __forceinline__ float warp_max(float v) {
  for (int offset = 16; offset > 0; offset >>= 1) v = fmaxf(v, __shfl_xor_sync(~0u, v, offset));
  return v;
}

/** The sum over a block of whole warps, known to all its threads. */
__device__ __forceinline__ float block_sum(float v, float* warps) {
  v = warp_sum(v);
  __syncthreads();
  if ((threadIdx.x & 31) == 0) warps[threadIdx.x >> 5] = v;
  __syncthreads();
  float sum = 0;
  for (int w = 0; w < (int)blockDim.x / 32; w++) sum += warps[w];
  return sum;
}

__device__ __forceinline__ float block_max(float v, float* warps) {
  v = warp_max(v);
  __syncthreads();
  if ((threadIdx.x & 31) == 0) warps[threadIdx.x >> 5] = v;
  __syncthreads();
  float max = warps[0];
  for (int w = 1; w < (int)blockDim.x / 32; w++) max = fmaxf(max, warps[w]);
  return max;
}

/**
 * Counts the blocks of a group; true for the last one, which then sees what the others wrote. The counter is 0 again after it, ready
 * for the next launch.
 */
__device__ __forceinline__ bool last_to_arrive(unsigned* counter, unsigned blocks, unsigned* shared_flag) {
  __threadfence();
  __syncthreads();
  if (threadIdx.x == 0) *shared_flag = atomicInc(counter, blocks - 1) == blocks - 1;
  __syncthreads();
  bool last = *shared_flag;
  if (last) __threadfence();
  return last;
}
