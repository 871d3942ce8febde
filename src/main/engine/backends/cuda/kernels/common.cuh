// What the written kernels share: the parameter block, 16-byte asynchronous copies, ldmatrix and mma.sync wrappers.
// Everything here exists since sm_80 and PTX 7.0, so that one source serves every card and old drivers can compile it.
#pragma once
#include <cuda_bf16.h>
#include <stdint.h>

typedef __nv_bfloat16 bf16;

// C = alpha * op(A) op(B) + beta * C for a batch of row-major matrices; offsets and strides count elements.
// Batch z uses (z / batchInner) * outer stride + (z % batchInner) * inner stride; a stride of 0 repeats the operand.
// The `_x` kernels compute C = alpha * (ratio * op(A) op(B) + op(A2) op(B2)) + beta * C: a second, short product of the same layout
// and no batch, which is what an adapter adds to a linear layer.
// With splits > 1 a GEMM kernel writes its raw sums to `partial` [batch, split, m, n] and gemm_reduce finishes.
struct GemmParams {
  const void* a;
  const void* b;
  void* c;
  float* partial;
  int64_t innerA;
  int64_t innerB;
  int64_t innerC;
  int64_t outerA;
  int64_t outerB;
  int64_t outerC;
  uint32_t m;
  uint32_t n;
  uint32_t k;
  uint32_t lda;
  uint32_t ldb;
  uint32_t ldc;
  uint32_t batchInner;
  uint32_t splits;
  uint32_t kPerSplit;
  uint32_t flags;
  float alpha;
  float beta;
  const void* a2;
  const void* b2;
  uint32_t lda2;
  uint32_t ldb2;
  uint32_t k2;
  float ratio;
};

#define GEMM_OUT_F32 1u       // C is f32, not bf16
#define GEMM_C_ALIGNED 2u     // C's rows allow 16-byte stores
#define GEMM_AB_ALIGNED 4u    // A's and B's rows allow 16-byte loads (gemv only; GEMM picks another kernel)

struct BatchOffsets {
  int64_t a, b, c;
};

__device__ __forceinline__ BatchOffsets batch_offsets(const GemmParams& p, uint32_t z) {
  const int64_t outer = z / p.batchInner;
  const int64_t inner = z % p.batchInner;
  return {outer * p.outerA + inner * p.innerA, outer * p.outerB + inner * p.innerB,
          outer * p.outerC + inner * p.innerC};
}

__device__ __forceinline__ uint32_t shared_address(const void* pointer) {
  return static_cast<uint32_t>(__cvta_generic_to_shared(pointer));
}

// 16 bytes into shared memory, of which the first `bytes` are read and the rest are zeros.
__device__ __forceinline__ void copy16_async(uint32_t shared, const void* global, int bytes) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;\n" ::"r"(shared), "l"(global), "r"(bytes));
}

__device__ __forceinline__ void copy_commit() { asm volatile("cp.async.commit_group;\n" ::); }

template <int PENDING>
__device__ __forceinline__ void copy_wait() {
  asm volatile("cp.async.wait_group %0;\n" ::"n"(PENDING));
}

__device__ __forceinline__ void ldmatrix_x4(uint32_t (&r)[4], uint32_t address) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];\n"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(address));
}

__device__ __forceinline__ void ldmatrix_x4_trans(uint32_t (&r)[4], uint32_t address) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];\n"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(address));
}

// D += A (16x16, row) * B (16x8, column), bf16 in, f32 sums.
__device__ __forceinline__ void mma_16816(float (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};\n"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

__device__ __forceinline__ uint32_t pack_bf16(float low, float high) {
  const __nv_bfloat162 pair = __floats2bfloat162_rn(low, high);
  return *reinterpret_cast<const uint32_t*>(&pair);
}

__device__ __forceinline__ float bf16_low(uint32_t pair) { return __uint_as_float(pair << 16); }
__device__ __forceinline__ float bf16_high(uint32_t pair) { return __uint_as_float(pair & 0xffff0000u); }

// Reads C for beta; both types by flag, so that one kernel serves both.
__device__ __forceinline__ float load_c(const GemmParams& p, int64_t index) {
  if (p.flags & GEMM_OUT_F32) return static_cast<const float*>(p.c)[index];
  return __bfloat162float(static_cast<const bf16*>(p.c)[index]);
}

__device__ __forceinline__ void store_c(const GemmParams& p, int64_t index, float value) {
  if (p.beta != 0.f) value += p.beta * load_c(p, index);
  if (p.flags & GEMM_OUT_F32) {
    static_cast<float*>(p.c)[index] = value;
  } else {
    static_cast<bf16*>(p.c)[index] = __float2bfloat16_rn(value);
  }
}

// Tile of the output this block computes: groups of 8 tile rows walk the columns together, so that the blocks running
// at one time share their operands in L2.
__device__ __forceinline__ void tile_of_block(uint32_t block, uint32_t tilesM, uint32_t tilesN, uint32_t& tileM,
                                              uint32_t& tileN) {
  const uint32_t group = 8;
  const uint32_t first = block / (group * tilesN) * group;
  const uint32_t rows = min(group, tilesM - first);
  const uint32_t inside = block % (group * tilesN);
  tileM = first + inside % rows;
  tileN = inside / rows;
}
