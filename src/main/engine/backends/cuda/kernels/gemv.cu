// y[m, n] = alpha * x[m, k] W[n, k]^T + beta * y for m <= 8 rows, as decoding needs it: every weight is read once, in
// 16-byte loads, and the speed is that of memory. Deterministic: a fixed tree of sums.
//
// Entry points: gemv_<bf16|f32>_<1|2|4|8>(GemmParams): a = x, b = W, c = y; the number is the most rows it takes, the
// type is that of x and W. `splits` = warps that share one output column (1, 2, 4 or 8).
// Grid (ceil(n / (R * 8 / splits)), 1, batch), 256 threads; R = columns a warp,
// 4 for bf16 with 4 or 8 rows, else 2.
#include "common.cuh"

template <typename T>
struct Chunk;   // 16 bytes of T as floats

template <>
struct Chunk<bf16> {
  static constexpr int SIZE = 8;
  static __device__ __forceinline__ void load(float (&v)[8], const bf16* from) {
    const uint4 w = *reinterpret_cast<const uint4*>(from);
    const uint32_t words[4] = {w.x, w.y, w.z, w.w};
#pragma unroll
    for (int i = 0; i < 4; i++) {
      v[2 * i] = bf16_low(words[i]);
      v[2 * i + 1] = bf16_high(words[i]);
    }
  }
  static __device__ __forceinline__ float one(const bf16* from) { return __bfloat162float(*from); }
};

template <>
struct Chunk<float> {
  static constexpr int SIZE = 4;
  static __device__ __forceinline__ void load(float (&v)[4], const float* from) {
    const float4 w = *reinterpret_cast<const float4*>(from);
    v[0] = w.x;
    v[1] = w.y;
    v[2] = w.z;
    v[3] = w.w;
  }
  static __device__ __forceinline__ float one(const float* from) { return *from; }
};

// A warp keeps R output columns at a time, so that x, which comes from L1, is read once for all of them.
template <typename T, int M, int R>
__device__ __forceinline__ void gemv(const GemmParams& p) {
  constexpr int SIZE = Chunk<T>::SIZE;
  __shared__ float shares[8][R][M];
  const BatchOffsets at = batch_offsets(p, blockIdx.z);
  const uint32_t warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const uint32_t share = warp % p.splits;
  const uint32_t n0 = (blockIdx.x * (8 / p.splits) + warp / p.splits) * R;
  const T* x = static_cast<const T*>(p.a) + at.a;
  const T* w[R];
#pragma unroll
  for (int r = 0; r < R; r++) w[r] = static_cast<const T*>(p.b) + at.b + int64_t(min(n0 + r, p.n - 1)) * p.ldb;
  float sum[R][M] = {};
  if (n0 < p.n) {
    const uint32_t whole = p.flags & GEMM_AB_ALIGNED ? p.k / SIZE * SIZE : 0;
#pragma unroll 2
    for (uint32_t k = (share * 32 + lane) * SIZE; k < whole; k += 32 * SIZE * p.splits) {
      float weights[R][SIZE];
#pragma unroll
      for (int r = 0; r < R; r++) Chunk<T>::load(weights[r], w[r] + k);
#pragma unroll
      for (int m = 0; m < M; m++) {
        float inputs[SIZE];
        Chunk<T>::load(inputs, x + int64_t(min(uint32_t(m), p.m - 1)) * p.lda + k);
#pragma unroll
        for (int r = 0; r < R; r++)
#pragma unroll
          for (int i = 0; i < SIZE; i++) sum[r][m] = fmaf(weights[r][i], inputs[i], sum[r][m]);
      }
    }
    for (uint32_t k = whole + share * 32 + lane; k < p.k; k += 32 * p.splits) {
#pragma unroll
      for (int m = 0; m < M; m++) {
        const float input = Chunk<T>::one(x + int64_t(min(uint32_t(m), p.m - 1)) * p.lda + k);
#pragma unroll
        for (int r = 0; r < R; r++) sum[r][m] = fmaf(Chunk<T>::one(w[r] + k), input, sum[r][m]);
      }
    }
  }
#pragma unroll
  for (int r = 0; r < R; r++) {
#pragma unroll
    for (int m = 0; m < M; m++) {
#pragma unroll
      for (int step = 16; step > 0; step /= 2) sum[r][m] += __shfl_xor_sync(0xffffffffu, sum[r][m], step);
      if (lane == 0) shares[warp][r][m] = sum[r][m];
    }
  }
  __syncthreads();
  const uint32_t r = lane / M, m = lane % M;
  if (share != 0 || r >= R || m >= p.m || n0 + r >= p.n) return;
  float total = 0.f;
  for (uint32_t s = 0; s < p.splits; s++) total += shares[warp + s][r][m];
  store_c(p, at.c + int64_t(m) * p.ldc + n0 + r, p.alpha * total);
}

#define GEMV_ENTRY(NAME, TYPE, M, R)                                                                               \
  extern "C" __global__ void __launch_bounds__(256) gemv_##NAME##_##M(const __grid_constant__ GemmParams p) {      \
    gemv<TYPE, M, R>(p);                                                                                           \
  }
// R stands in gemm-plan.ts too.
GEMV_ENTRY(bf16, bf16, 1, 2)
GEMV_ENTRY(bf16, bf16, 2, 2)
GEMV_ENTRY(bf16, bf16, 4, 4)
GEMV_ENTRY(bf16, bf16, 8, 4)
GEMV_ENTRY(f32, float, 1, 2)
GEMV_ENTRY(f32, float, 2, 2)
GEMV_ENTRY(f32, float, 4, 2)
GEMV_ENTRY(f32, float, 8, 2)
