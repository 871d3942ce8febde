// bf16 GEMM on tensor cores (mma.sync m16n8k16, f32 sums), sm_80 and later; deterministic, no atomics.
//
// Entry points: gemm_bf16_<tile>_<layout>(GemmParams), grid (tiles, splits, batch).
//   layout nn: A[m,k] B[k,n]   nt: A[m,k] B[n,k]   tn: A[k,m] B[k,n]   tt: A[k,m] B[n,k]
//   suffix _x: with a second, short product (GemmParams a2, b2): its k-tiles follow the first product's in the same pipeline.
//   tile "any" takes operands of any alignment; the others need 16-byte aligned rows (pointer, ld and strides).
// Sizes m, n, k are free: the copies fill what lies outside with zeros. Tiles, threads and shared bytes: gemm-tiles.ts.
// One file although long: loader, main loop and epilogue are one template and make no sense apart.
//
// A tile lies in shared memory as the operand lies in global memory: k-contiguous or mn-contiguous. ldmatrix reads the
// first, ldmatrix.trans the second, so no operand is ever transposed by itself. 16-byte chunks are XOR-swizzled by row,
// which spreads the 8 rows of each ldmatrix over all banks.
#include "common.cuh"

// A tile of MN rows/columns of an operand by BK of the contracted dimension.
template <bool K_CONTIGUOUS, int MN, int BK, int THREADS>
struct Tile {
  static constexpr int WIDTH = K_CONTIGUOUS ? BK : MN;   // contiguous elements
  static constexpr int ROWS = K_CONTIGUOUS ? MN : BK;
  static constexpr int CHUNKS = WIDTH / 8;               // 16-byte chunks a row
  static constexpr int BYTES = MN * BK * 2;
  static constexpr int PASS = THREADS / CHUNKS;          // rows copied by one pass of the block
  static constexpr int PASSES = (ROWS + PASS - 1) / PASS;
  static_assert(THREADS % CHUNKS == 0, "every pass copies whole rows");
  static_assert(PASSES == 1 || PASS % 8 == 0, "the swizzle must not change from pass to pass");

  // Byte offset of a chunk: rows narrower than 128 bytes share a bank line, hence the shift.
  static __device__ __forceinline__ uint32_t offset(uint32_t row, uint32_t chunk) {
    constexpr uint32_t shift = CHUNKS >= 8 ? 0 : CHUNKS == 4 ? 1 : 2;
    constexpr uint32_t mask = CHUNKS >= 8 ? 7 : CHUNKS - 1;
    return (row * CHUNKS + (chunk ^ ((row >> shift) & mask))) * 16;
  }
};

// One thread's share in copying the tiles of one operand, k-tile after k-tile.
template <bool K_CONTIGUOUS, int MN, int BK, int THREADS, bool ALIGNED>
struct Loader {
  typedef Tile<K_CONTIGUOUS, MN, BK, THREADS> T;
  const bf16* source;   // this thread's chunk of the first row, at the current k-tile
  int64_t passStride, tileStride;
  uint32_t target;      // byte offset inside a tile
  int row, element;     // first row and first element of the chunk
  int mnLeft, kLeft;    // what is inside the matrix, counted from the tile's corner

  __device__ __forceinline__ Loader(const bf16* base, uint32_t ld, uint32_t mn0, uint32_t mn, uint32_t k0, uint32_t kEnd) {
    row = threadIdx.x / T::CHUNKS;
    const int chunk = threadIdx.x % T::CHUNKS;
    element = chunk * 8;
    target = T::offset(row, chunk);
    mnLeft = int(mn - mn0);
    kLeft = int(kEnd) - int(k0);
    const int64_t r = int64_t(K_CONTIGUOUS ? mn0 : k0) + row;
    const int64_t e = int64_t(K_CONTIGUOUS ? k0 : mn0) + element;
    source = base + r * ld + e;
    passStride = int64_t(T::PASS) * ld;
    tileStride = K_CONTIGUOUS ? BK : int64_t(BK) * ld;
  }

  __device__ __forceinline__ void next(uint32_t shared) {
    const int rowsLeft = K_CONTIGUOUS ? mnLeft : kLeft;
    const int inside = max(0, min(8, (K_CONTIGUOUS ? kLeft : mnLeft) - element));
    const bf16* from = source;
#pragma unroll
    for (int pass = 0; pass < T::PASSES; pass++) {
      const int r = row + pass * T::PASS;
      const uint32_t to = shared + target + pass * T::PASS * T::CHUNKS * 16;
      if (T::ROWS % T::PASS == 0 || r < T::ROWS) {
        const int count = r < rowsLeft ? inside : 0;
        if (ALIGNED) {
          copy16_async(to, from, count * 2);
        } else {
          copy_scalar(to, from, count);
        }
      }
      from += passStride;
    }
    source += tileStride;
    kLeft -= BK;
  }

  static __device__ __forceinline__ void copy_scalar(uint32_t to, const bf16* from, int count) {
    uint32_t word[4];
#pragma unroll
    for (int i = 0; i < 4; i++) {
      const uint32_t low = 2 * i < count ? reinterpret_cast<const unsigned short*>(from)[2 * i] : 0;
      const uint32_t high = 2 * i + 1 < count ? reinterpret_cast<const unsigned short*>(from)[2 * i + 1] : 0;
      word[i] = low | high << 16;
    }
    asm volatile("st.shared.v4.b32 [%0], {%1,%2,%3,%4};\n" ::"r"(to), "r"(word[0]), "r"(word[1]), "r"(word[2]), "r"(word[3])
                 : "memory");
  }
};

// Swaps a 4x4 of words among the 4 lanes of a quad: afterwards lane q holds what every lane had in word q.
__device__ __forceinline__ void quad_transpose(uint32_t (&w)[4]) {
  const int lane = threadIdx.x & 3;
#pragma unroll
  for (int step = 1; step <= 2; step *= 2) {
    const bool high = lane & step;
#pragma unroll
    for (int i = 0; i < 4; i++) {
      if (i & step) continue;
      const uint32_t send = high ? w[i] : w[i + step];
      const uint32_t got = __shfl_xor_sync(0xffffffffu, send, step);
      if (high) w[i] = got; else w[i + step] = got;
    }
  }
}

template <int BM, int BN, int BK, int WARPS_M, int WARPS_N, int STAGES, bool AK, bool BK_CONTIGUOUS, bool ALIGNED,
          bool EXTENDED = false>
struct Gemm {
  static constexpr int THREADS = WARPS_M * WARPS_N * 32;
  static constexpr int WM = BM / WARPS_M, WN = BN / WARPS_N;
  static constexpr int MT = WM / 16, NT = WN / 8;
  typedef Tile<AK, BM, BK, THREADS> TileA;
  typedef Tile<BK_CONTIGUOUS, BN, BK, THREADS> TileB;
  static constexpr int STAGE_BYTES = TileA::BYTES + TileB::BYTES;
  static_assert(NT % 2 == 0, "B is read two column tiles at a time");

  float sum[MT][NT][4];

  __device__ __forceinline__ void load_fragments(uint32_t (&a)[MT][4], uint32_t (&b)[NT / 2][4], uint32_t tileA, uint32_t tileB,
                                                 int k16, int wm, int wn) {
    const int lane = threadIdx.x & 31;
#pragma unroll
    for (int i = 0; i < MT; i++) {
      const int m = wm * WM + i * 16;
      if (AK) {
        ldmatrix_x4(a[i], tileA + TileA::offset(m + (lane & 15), k16 * 2 + (lane >> 4)));
      } else {
        ldmatrix_x4_trans(a[i], tileA + TileA::offset(k16 * 16 + (lane & 7) + (lane >> 4) * 8, m / 8 + ((lane >> 3) & 1)));
      }
    }
#pragma unroll
    for (int j = 0; j < NT / 2; j++) {
      const int n = wn * WN + j * 16;
      if (BK_CONTIGUOUS) {
        ldmatrix_x4(b[j], tileB + TileB::offset(n + (lane & 7) + (lane >> 4) * 8, k16 * 2 + ((lane >> 3) & 1)));
      } else {
        ldmatrix_x4_trans(b[j], tileB + TileB::offset(k16 * 16 + (lane & 7) + ((lane >> 3) & 1) * 8, n / 8 + (lane >> 4)));
      }
    }
  }

  __device__ __forceinline__ void multiply(const uint32_t (&a)[MT][4], const uint32_t (&b)[NT / 2][4]) {
#pragma unroll
    for (int i = 0; i < MT; i++) {
#pragma unroll
      for (int j = 0; j < NT; j++) {
        // Snake order: the next product reuses the B fragment of the last one.
        const int jj = i & 1 ? NT - 1 - j : j;
        mma_16816(sum[i][jj], a[i], b[jj / 2][(jj & 1) * 2], b[jj / 2][(jj & 1) * 2 + 1]);
      }
    }
  }

  // Raw sums of one split, f32 [m, n].
  __device__ __forceinline__ void store_partial(const GemmParams& p, uint32_t m0, uint32_t n0) {
    const int lane = threadIdx.x & 31;
    float* out = p.partial + (int64_t(blockIdx.z) * p.splits + blockIdx.y) * p.m * p.n;
#pragma unroll
    for (int i = 0; i < MT; i++) {
#pragma unroll
      for (int j = 0; j < NT; j++) {
#pragma unroll
        for (int e = 0; e < 4; e++) {
          const uint32_t m = m0 + i * 16 + (lane >> 2) + (e >> 1) * 8;
          const uint32_t n = n0 + j * 8 + (lane & 3) * 2 + (e & 1);
          if (m < p.m && n < p.n) out[int64_t(m) * p.n + n] = sum[i][j][e];
        }
      }
    }
  }

  __device__ __forceinline__ void store_f32(const GemmParams& p, int64_t base, uint32_t m0, uint32_t n0) {
    const int lane = threadIdx.x & 31;
    float* c = static_cast<float*>(p.c) + base;
    const bool pairs = p.flags & GEMM_C_ALIGNED;
#pragma unroll
    for (int i = 0; i < MT; i++) {
#pragma unroll
      for (int half = 0; half < 2; half++) {
        const uint32_t m = m0 + i * 16 + (lane >> 2) + half * 8;
        if (m >= p.m) continue;
#pragma unroll
        for (int j = 0; j < NT; j++) {
          const uint32_t n = n0 + j * 8 + (lane & 3) * 2;
          float2 v = make_float2(p.alpha * sum[i][j][half * 2], p.alpha * sum[i][j][half * 2 + 1]);
          float* to = c + int64_t(m) * p.ldc + n;
          if (pairs && n + 1 < p.n) {
            if (p.beta != 0.f) {
              const float2 old = *reinterpret_cast<const float2*>(to);
              v.x += p.beta * old.x;
              v.y += p.beta * old.y;
            }
            *reinterpret_cast<float2*>(to) = v;
          } else {
            if (n < p.n) to[0] = p.beta != 0.f ? v.x + p.beta * to[0] : v.x;
            if (n + 1 < p.n) to[1] = p.beta != 0.f ? v.y + p.beta * to[1] : v.y;
          }
        }
      }
    }
  }

  // bf16: groups of column tiles are exchanged among quads of lanes, so that each lane stores (and for beta loads) 16
  // bytes. All loads of old values come before the first store: the compiler may not reorder them.
  static constexpr int GROUP = NT >= 4 ? 4 : 2;

  __device__ __forceinline__ void load_old(const GemmParams& p, const bf16* c, uint32_t m0, uint32_t n0,
                                           uint32_t (&old)[2][NT / GROUP][4], int i) {
    const int lane = threadIdx.x & 31, quad = lane & 3;
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const uint32_t m = m0 + i * 16 + (lane >> 2) + half * 8;
      const bf16* line = c + int64_t(m) * p.ldc;
#pragma unroll
      for (int g = 0; g < NT / GROUP; g++) {
        const uint32_t n = n0 + (g * GROUP + quad) * 8;
        uint4 w = make_uint4(0, 0, 0, 0);
        if (m < p.m && quad < GROUP) {
          if ((p.flags & GEMM_C_ALIGNED) && n + 8 <= p.n) {
            w = *reinterpret_cast<const uint4*>(line + n);
          } else {
            unsigned short e[8];
#pragma unroll
            for (int x = 0; x < 8; x++) e[x] = n + x < p.n ? reinterpret_cast<const unsigned short*>(line)[n + x] : 0;
            w = make_uint4(e[0] | e[1] << 16, e[2] | e[3] << 16, e[4] | e[5] << 16, e[6] | e[7] << 16);
          }
        }
        old[half][g][0] = w.x;
        old[half][g][1] = w.y;
        old[half][g][2] = w.z;
        old[half][g][3] = w.w;
      }
    }
  }

  __device__ __forceinline__ void store_rows(const GemmParams& p, bf16* c, uint32_t m0, uint32_t n0,
                                             uint32_t (&old)[2][NT / GROUP][4], int i) {
    const int lane = threadIdx.x & 31, quad = lane & 3;
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const uint32_t m = m0 + i * 16 + (lane >> 2) + half * 8;
      bf16* line = c + int64_t(m) * p.ldc;
#pragma unroll
      for (int g = 0; g < NT / GROUP; g++) {
        uint32_t w[4] = {0, 0, 0, 0};
        if (p.beta != 0.f) quad_transpose(old[half][g]);
#pragma unroll
        for (int j = 0; j < GROUP; j++) {
          float x = p.alpha * sum[i][g * GROUP + j][half * 2], y = p.alpha * sum[i][g * GROUP + j][half * 2 + 1];
          if (p.beta != 0.f) {
            x += p.beta * bf16_low(old[half][g][j]);
            y += p.beta * bf16_high(old[half][g][j]);
          }
          w[j] = pack_bf16(x, y);
        }
        quad_transpose(w);
        const uint32_t n = n0 + (g * GROUP + quad) * 8;
        if (m >= p.m || quad >= GROUP) continue;
        if ((p.flags & GEMM_C_ALIGNED) && n + 8 <= p.n) {
          *reinterpret_cast<uint4*>(line + n) = make_uint4(w[0], w[1], w[2], w[3]);
        } else {
#pragma unroll
          for (int e = 0; e < 8; e++) {
            const uint32_t bits = e & 1 ? w[e / 2] >> 16 : w[e / 2] & 0xffffu;
            if (n + e < p.n) reinterpret_cast<unsigned short*>(line)[n + e] = static_cast<unsigned short>(bits);
          }
        }
      }
    }
  }

  __device__ __forceinline__ void store_bf16(const GemmParams& p, int64_t base, uint32_t m0, uint32_t n0) {
    bf16* c = static_cast<bf16*>(p.c) + base;
    uint32_t old[MT][2][NT / GROUP][4];
    if (p.beta != 0.f) {
#pragma unroll
      for (int i = 0; i < MT; i++) load_old(p, c, m0, n0, old[i], i);
    }
#pragma unroll
    for (int i = 0; i < MT; i++) store_rows(p, c, m0, n0, old[i], i);
  }

  __device__ __forceinline__ void scale_sums(float ratio) {
#pragma unroll
    for (int i = 0; i < MT; i++)
#pragma unroll
      for (int j = 0; j < NT; j++)
#pragma unroll
        for (int e = 0; e < 4; e++) sum[i][j][e] *= ratio;
  }

  __device__ __forceinline__ void run(const GemmParams& p) {
    extern __shared__ __align__(128) unsigned char memory[];
    const uint32_t shared = shared_address(memory);
    const int warp = threadIdx.x / 32, wm = warp / WARPS_N, wn = warp % WARPS_N;
    uint32_t tileM, tileN;
    tile_of_block(blockIdx.x, (p.m + BM - 1) / BM, (p.n + BN - 1) / BN, tileM, tileN);
    const BatchOffsets at = batch_offsets(p, blockIdx.z);
    const uint32_t k0 = blockIdx.y * p.kPerSplit, kEnd = min(p.k, k0 + p.kPerSplit);
    const int firstTiles = kEnd > k0 ? int((kEnd - k0 + BK - 1) / BK) : 0;
    // The last split takes the second product.
    const int tiles = firstTiles + (EXTENDED && blockIdx.y + 1 == p.splits ? int((p.k2 + BK - 1) / BK) : 0);
    typedef Loader<AK, BM, BK, THREADS, ALIGNED> LoaderA;
    typedef Loader<BK_CONTIGUOUS, BN, BK, THREADS, ALIGNED> LoaderB;
    LoaderA loadA(static_cast<const bf16*>(p.a) + at.a, p.lda, tileM * BM, p.m, k0, kEnd);
    LoaderB loadB(static_cast<const bf16*>(p.b) + at.b, p.ldb, tileN * BN, p.n, k0, kEnd);
#pragma unroll
    for (int i = 0; i < MT; i++)
#pragma unroll
      for (int j = 0; j < NT; j++)
#pragma unroll
        for (int e = 0; e < 4; e++) sum[i][j][e] = 0.f;

#pragma unroll
    for (int s = 0; s < STAGES - 1; s++) {
      if (s < tiles) {
        if (EXTENDED && s == firstTiles) {
          loadA = LoaderA(static_cast<const bf16*>(p.a2), p.lda2, tileM * BM, p.m, 0, p.k2);
          loadB = LoaderB(static_cast<const bf16*>(p.b2), p.ldb2, tileN * BN, p.n, 0, p.k2);
        }
        loadA.next(shared + s * STAGE_BYTES);
        loadB.next(shared + s * STAGE_BYTES + TileA::BYTES);
      }
      copy_commit();
    }
    // Fragments are read one 16-step ahead of their use, over the edge of a k-tile too: the barrier that admits the next
    // tile stands before the last step of this one, so its latency hides behind that step's products.
    constexpr int STEPS = BK / 16;
    uint32_t a[2][MT][4], b[2][NT / 2][4];
    uint32_t read = shared;
    int readStage = 0, writeStage = STAGES - 1;
    copy_wait<STAGES - 2>();
    __syncthreads();
    load_fragments(a[0], b[0], read, read + TileA::BYTES, 0, wm, wn);
    for (int t = 0; t < tiles; t++) {
      if (EXTENDED && t == firstTiles) scale_sums(p.ratio);
#pragma unroll
      for (int step = 0; step < STEPS; step++) {
        if (step == STEPS - 1) {
          copy_wait<STAGES - 2>();
          __syncthreads();
          readStage = readStage + 1 == STAGES ? 0 : readStage + 1;
          read = shared + readStage * STAGE_BYTES;
        }
        load_fragments(a[(step + 1) & 1], b[(step + 1) & 1], read, read + TileA::BYTES, (step + 1) % STEPS, wm, wn);
        if (step == 0) {
          // The slot read by tile t - 1: every warp passed the barrier after its last read.
          if (t + STAGES - 1 < tiles) {
            if (EXTENDED && t + STAGES - 1 == firstTiles) {
              loadA = LoaderA(static_cast<const bf16*>(p.a2), p.lda2, tileM * BM, p.m, 0, p.k2);
              loadB = LoaderB(static_cast<const bf16*>(p.b2), p.ldb2, tileN * BN, p.n, 0, p.k2);
            }
            loadA.next(shared + writeStage * STAGE_BYTES);
            loadB.next(shared + writeStage * STAGE_BYTES + TileA::BYTES);
          }
          copy_commit();
          writeStage = writeStage + 1 == STAGES ? 0 : writeStage + 1;
        }
        multiply(a[step & 1], b[step & 1]);
      }
    }

    if (EXTENDED && tiles == firstTiles) scale_sums(p.ratio);
    const uint32_t m0 = tileM * BM + wm * WM, n0 = tileN * BN + wn * WN;
    if (p.splits > 1) {
      store_partial(p, m0, n0);
    } else if (p.flags & GEMM_OUT_F32) {
      store_f32(p, at.c, m0, n0);
    } else {
      store_bf16(p, at.c, m0, n0);
    }
  }
};

#define GEMM_ENTRY(NAME, BM, BN, BK, WARPS_M, WARPS_N, STAGES, RESIDENT, LAYOUT, AK, BKC, ALIGNED)                  \
  extern "C" __global__ void __launch_bounds__((WARPS_M) * (WARPS_N)*32, RESIDENT)                                  \
      gemm_bf16_##NAME##_##LAYOUT(const __grid_constant__ GemmParams p) {                                           \
    Gemm<BM, BN, BK, WARPS_M, WARPS_N, STAGES, AK, BKC, ALIGNED> gemm;                                              \
    gemm.run(p);                                                                                                    \
  }
#define GEMM_LAYOUTS(NAME, BM, BN, BK, WARPS_M, WARPS_N, STAGES, RESIDENT, ALIGNED)                    \
  GEMM_ENTRY(NAME, BM, BN, BK, WARPS_M, WARPS_N, STAGES, RESIDENT, nn, true, false, ALIGNED)           \
  GEMM_ENTRY(NAME, BM, BN, BK, WARPS_M, WARPS_N, STAGES, RESIDENT, nt, true, true, ALIGNED)            \
  GEMM_ENTRY(NAME, BM, BN, BK, WARPS_M, WARPS_N, STAGES, RESIDENT, tn, false, false, ALIGNED)

#define GEMM_EXTENDED(NAME, BM, BN, BK, WARPS_M, WARPS_N, STAGES, RESIDENT, LAYOUT, BKC)             \
  extern "C" __global__ void __launch_bounds__((WARPS_M) * (WARPS_N)*32, RESIDENT)                    \
      gemm_bf16_##NAME##_##LAYOUT##_x(const __grid_constant__ GemmParams p) {                         \
    Gemm<BM, BN, BK, WARPS_M, WARPS_N, STAGES, true, BKC, true, true> gemm;                           \
    gemm.run(p);                                                                                      \
  }

// These numbers stand in gemm-tiles.ts too; a test holds the two together. tt is rare: two tiles serve it.
GEMM_LAYOUTS(128x256, 128, 256, 64, 2, 4, 3, 1, true)
GEMM_LAYOUTS(128x128, 128, 128, 32, 2, 2, 4, 2, true)
GEMM_LAYOUTS(128x64, 128, 64, 32, 2, 2, 4, 3, true)
GEMM_LAYOUTS(64x64, 64, 64, 32, 2, 2, 4, 5, true)
GEMM_LAYOUTS(64x16, 64, 16, 64, 4, 1, 4, 4, true)
GEMM_LAYOUTS(16x128, 16, 128, 64, 1, 4, 4, 2, true)
GEMM_LAYOUTS(any, 64, 64, 32, 2, 2, 2, 4, false)
GEMM_ENTRY(64x64, 64, 64, 32, 2, 2, 4, 5, tt, false, true, true)
GEMM_ENTRY(any, 64, 64, 32, 2, 2, 2, 4, tt, false, true, false)

// With an adapter: forward is nt, backward nn.
GEMM_EXTENDED(128x256, 128, 256, 64, 2, 4, 3, 1, nt, true)
GEMM_EXTENDED(128x256, 128, 256, 64, 2, 4, 3, 1, nn, false)
GEMM_EXTENDED(128x128, 128, 128, 32, 2, 2, 4, 2, nt, true)
GEMM_EXTENDED(128x128, 128, 128, 32, 2, 2, 4, 2, nn, false)
GEMM_EXTENDED(128x64, 128, 64, 32, 2, 2, 4, 3, nt, true)
GEMM_EXTENDED(128x64, 128, 64, 32, 2, 2, 4, 3, nn, false)
GEMM_EXTENDED(64x64, 64, 64, 32, 2, 2, 4, 5, nt, true)
GEMM_EXTENDED(64x64, 64, 64, 32, 2, 2, 4, 5, nn, false)

// Sums the splits in order, then applies alpha and beta. Grid (blocks over m*n, 1, batch), 256 threads.
extern "C" __global__ void __launch_bounds__(256) gemm_reduce(const __grid_constant__ GemmParams p) {
  const int64_t size = int64_t(p.m) * p.n;
  const float* from = p.partial + int64_t(blockIdx.z) * p.splits * size;
  const int64_t base = batch_offsets(p, blockIdx.z).c;
  for (int64_t i = int64_t(blockIdx.x) * 256 + threadIdx.x; i < size; i += int64_t(gridDim.x) * 256) {
    float total = 0.f;
#pragma unroll 8
    for (uint32_t s = 0; s < p.splits; s++) total += from[int64_t(s) * size + i];
    store_c(p, base + i / p.n * p.ldc + i % p.n, p.alpha * total);
  }
}
