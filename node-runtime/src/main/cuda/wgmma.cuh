// Hopper's warpgroup products: d (64 outputs x N rows) += a (64 x 32 bytes, registers) * b (32 bytes x N, shared memory). A warp of the four holds 16
// of the outputs, laid out like mma's: see kernel.cuh. They run on their own until wgmma_wait.
#pragma once
#include "kernel.cuh"

#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
#define KVASIR_WGMMA 1

__device__ __forceinline__ void wgmma_begin() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
__device__ __forceinline__ void wgmma_commit() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }
__device__ __forceinline__ void wgmma_wait() { asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory"); }

/** Rows of 128 bytes in shared memory, their 16-byte pieces exchanged by the row's number modulo 8; the address is the first row's plus 0, 32, 64 or 96. */
__device__ __forceinline__ uint64_t wgmma_rows(uint32_t address) {
  return (uint64_t)((address & 0x3ffff) >> 4) | 1ull << 16 | (uint64_t)(1024 >> 4) << 32 | 1ull << 62;
}

// The registers of d, and as numbered operands.
#define D4(C, i) C(d[i]), C(d[i + 1]), C(d[i + 2]), C(d[i + 3])
#define D8(C, i) D4(C, i), D4(C, i + 4)
#define D16(C, i) D8(C, i), D8(C, i + 8)
#define D32(C, i) D16(C, i), D16(C, i + 16)
#define D64(C, i) D32(C, i), D32(C, i + 32)
#define TEXT4 "%0,%1,%2,%3"
#define TEXT8 TEXT4 ",%4,%5,%6,%7"
#define TEXT16 TEXT8 ",%8,%9,%10,%11,%12,%13,%14,%15"
#define TEXT32 TEXT16 ",%16,%17,%18,%19,%20,%21,%22,%23,%24,%25,%26,%27,%28,%29,%30,%31"
#define TEXT64 TEXT32 ",%32,%33,%34,%35,%36,%37,%38,%39,%40,%41,%42,%43,%44,%45,%46,%47,%48,%49,%50,%51,%52,%53,%54,%55,%56,%57,%58,%59,%60,%61,%62,%63"
#define AS_FLOAT(v) "+f"(v)
#define AS_INT(v) "+r"(v)

/** d = a b where fresh, else d += a b. */
template <class Kind, int N>
struct Wgmma;

#define WGMMA(KIND, ACC, AS, N, COUNT, A, B, FRESH, TYPES, TAIL)                                                                       \
  template <>                                                                                                                          \
  struct Wgmma<KIND, N> {                                                                                                              \
    __device__ static void product(ACC* d, const uint32_t* a, uint64_t b, int add) {                                                   \
      asm volatile("{.reg .pred p; setp.ne.b32 p, " FRESH ", 0; wgmma.mma_async.sync.aligned.m64n" #N TYPES " {" TEXT##COUNT "}, {" A  \
                   "}, " B ", p" TAIL ";}"                                                                                             \
                   : D##COUNT(AS, 0)                                                                                                   \
                   : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "r"(add));                                                    \
    }                                                                                                                                  \
  };
#define WGMMA_KINDS(N, COUNT, A, B, FRESH)                                                             \
  WGMMA(bf16, float, AS_FLOAT, N, COUNT, A, B, FRESH, "k16.f32.bf16.bf16", ", 1, 1, 0")                  \
  WGMMA(fp8, float, AS_FLOAT, N, COUNT, A, B, FRESH, "k32.f32.e4m3.e4m3", ", 1, 1")                      \
  WGMMA(int8_t, int, AS_INT, N, COUNT, A, B, FRESH, "k32.s32.s8.s8", "")

WGMMA_KINDS(8, 4, "%4,%5,%6,%7", "%8", "%9")
WGMMA_KINDS(16, 8, "%8,%9,%10,%11", "%12", "%13")
WGMMA_KINDS(32, 16, "%16,%17,%18,%19", "%20", "%21")
WGMMA_KINDS(64, 32, "%32,%33,%34,%35", "%36", "%37")
WGMMA_KINDS(128, 64, "%64,%65,%66,%67", "%68", "%69")
#endif
