// f32 GEMM on the plain cores: true f32 products and sums, no tf32. Same parameters, layouts and splits as gemm-bf16.cu.
//
// Entry points: gemm_f32_<layout>(GemmParams), grid (tiles, splits, batch), 128 threads, 64x64x16 tile, operands of any
// alignment. Each thread keeps 8x4 sums; the next k-tile is fetched into registers while this one is multiplied.
// C is f32 or bf16 by flag.
#include "common.cuh"

namespace {
constexpr int BM = 64, BN = 64, BK = 16, THREADS = 128;
constexpr int PAD = 4;   // keeps rows 16-byte aligned and spreads transposed stores over the banks
constexpr int EACH = BM * BK / THREADS;

// Element i of this thread's share in a [64, 16] operand tile: neighbours follow the contiguous dimension.
template <bool K_CONTIGUOUS>
__device__ __forceinline__ void place(int i, int& mn, int& k) {
  const int index = i * THREADS + threadIdx.x;
  mn = K_CONTIGUOUS ? index / BK : index % BM;
  k = K_CONTIGUOUS ? index % BK : index / BM;
}

template <bool K_CONTIGUOUS>
__device__ __forceinline__ void fetch(float (&values)[EACH], const float* base, uint32_t ld, uint32_t mn0, uint32_t mn,
                                      uint32_t k0, uint32_t kEnd) {
#pragma unroll
  for (int i = 0; i < EACH; i++) {
    int dm, dk;
    place<K_CONTIGUOUS>(i, dm, dk);
    const uint32_t r = mn0 + dm, k = k0 + dk;
    const int64_t index = K_CONTIGUOUS ? int64_t(r) * ld + k : int64_t(k) * ld + r;
    values[i] = r < mn && k < kEnd ? base[index] : 0.f;
  }
}

template <bool K_CONTIGUOUS>
__device__ __forceinline__ void stash(float (*tile)[BM + PAD], const float (&values)[EACH]) {
#pragma unroll
  for (int i = 0; i < EACH; i++) {
    int dm, dk;
    place<K_CONTIGUOUS>(i, dm, dk);
    tile[dk][dm] = values[i];
  }
}

template <bool AK, bool BKC>
__device__ __forceinline__ void gemm(const GemmParams& p) {
  __shared__ __align__(16) float tileA[2][BK][BM + PAD];
  __shared__ __align__(16) float tileB[2][BK][BN + PAD];
  uint32_t tm, tn;
  tile_of_block(blockIdx.x, (p.m + BM - 1) / BM, (p.n + BN - 1) / BN, tm, tn);
  const BatchOffsets at = batch_offsets(p, blockIdx.z);
  const float* a = static_cast<const float*>(p.a) + at.a;
  const float* b = static_cast<const float*>(p.b) + at.b;
  const uint32_t m0 = tm * BM, n0 = tn * BN;
  const uint32_t kStart = blockIdx.y * p.kPerSplit, kEnd = min(p.k, kStart + p.kPerSplit);
  const int row = threadIdx.x / 16 * 8, column = threadIdx.x % 16 * 4;
  float sum[8][4] = {};
  float nextA[EACH], nextB[EACH];
  fetch<AK>(nextA, a, p.lda, m0, p.m, kStart, kEnd);
  fetch<BKC>(nextB, b, p.ldb, n0, p.n, kStart, kEnd);
  int buffer = 0;
  for (uint32_t k0 = kStart; k0 < kEnd; k0 += BK, buffer ^= 1) {
    stash<AK>(tileA[buffer], nextA);
    stash<BKC>(tileB[buffer], nextB);
    __syncthreads();
    if (k0 + BK < kEnd) {
      fetch<AK>(nextA, a, p.lda, m0, p.m, k0 + BK, kEnd);
      fetch<BKC>(nextB, b, p.ldb, n0, p.n, k0 + BK, kEnd);
    }
#pragma unroll
    for (int k = 0; k < BK; k++) {
      float x[8], y[4];
      *reinterpret_cast<float4*>(x) = *reinterpret_cast<const float4*>(&tileA[buffer][k][row]);
      *reinterpret_cast<float4*>(x + 4) = *reinterpret_cast<const float4*>(&tileA[buffer][k][row + 4]);
      *reinterpret_cast<float4*>(y) = *reinterpret_cast<const float4*>(&tileB[buffer][k][column]);
#pragma unroll
      for (int i = 0; i < 8; i++)
#pragma unroll
        for (int j = 0; j < 4; j++) sum[i][j] = fmaf(x[i], y[j], sum[i][j]);
    }
  }
  float* partial = p.partial + (int64_t(blockIdx.z) * p.splits + blockIdx.y) * p.m * p.n;
#pragma unroll
  for (int i = 0; i < 8; i++) {
#pragma unroll
    for (int j = 0; j < 4; j++) {
      const uint32_t m = m0 + row + i, n = n0 + column + j;
      if (m >= p.m || n >= p.n) continue;
      if (p.splits > 1) {
        partial[int64_t(m) * p.n + n] = sum[i][j];
      } else {
        store_c(p, at.c + int64_t(m) * p.ldc + n, p.alpha * sum[i][j]);
      }
    }
  }
}
}  // namespace

#define GEMM_F32_ENTRY(LAYOUT, AK, BKC)                                                                            \
  extern "C" __global__ void __launch_bounds__(128) gemm_f32_##LAYOUT(const __grid_constant__ GemmParams p) {      \
    gemm<AK, BKC>(p);                                                                                              \
  }
GEMM_F32_ENTRY(nn, true, false)
GEMM_F32_ENTRY(nt, true, true)
GEMM_F32_ENTRY(tn, false, false)
GEMM_F32_ENTRY(tt, false, true)
