// The two products that a linear layer's adapter takes of the layer's gradient G [m, n], in one pass over it, sm_80 and later:
//   U [m, r] = alphaU G B (B [n, r])  and  V [n, r] = alphaV G^T P (P [m, r]); bf16 in, U in bf16, V in f32.
// Both are bound by reading G, so reading it once halves their time. Up to three layers of the same m and r share a launch.
//
// A block owns `subs` * 64 columns and a run of row tiles of 128. It walks over the rows: sums of V stay in registers until the end,
// those of U until a row tile is done. Tiles arrive by asynchronous copies, STAGES deep. What several blocks sum goes to f32 partials,
// which sweep_reduce adds in fixed order: no atomics. Plans: sweep.ts.
#include "common.cuh"

struct SweepPart {
  const bf16* g;
  const bf16* b;
  const bf16* p;
  bf16* u;
  float* v;
  float* partU;   // [chunks, m, r] where chunks > 1
  float* partV;   // [splits, n, r] where splits > 1
  uint32_t n, ldg, ldp, ldu;
  uint32_t chunks, subs;
  float alphaU, alphaV;
};

struct SweepLaunch {
  SweepPart part[3];
  uint32_t m, r, splits, tiles, parts;
};

constexpr int ROWS = 128, COLS = 64, SWEEP_THREADS = 256;
constexpr int G_BYTES = ROWS * COLS * 2;

// Byte offset of a 16-byte chunk in rows of CHUNKS, spread over the banks for ldmatrix.
template <int CHUNKS>
__device__ __forceinline__ uint32_t chunk_offset(uint32_t row, uint32_t chunk) {
  constexpr uint32_t shift = CHUNKS >= 8 ? 0 : CHUNKS == 4 ? 1 : 2;
  return (row * CHUNKS + (chunk ^ ((row >> shift) & (CHUNKS - 1)))) * 16;
}

// Rows [from, from + COUNT) of a matrix with `rows` rows and `width` columns; zeros outside.
template <int CHUNKS, int COUNT>
__device__ __forceinline__ void copy_rows(uint32_t shared, const bf16* matrix, uint32_t ld, uint32_t from, uint32_t rows, uint32_t column, uint32_t width) {
#pragma unroll
  for (int i = threadIdx.x; i < COUNT * CHUNKS; i += SWEEP_THREADS) {
    const uint32_t row = i / CHUNKS, chunk = i % CHUNKS;
    const uint32_t at = column + chunk * 8;
    const bool inside = from + row < rows && at < width;
    const bf16* source = inside ? matrix + int64_t(from + row) * ld + at : matrix;
    copy16_async(shared + chunk_offset<CHUNKS>(row, chunk), source, inside ? min(8u, width - at) * 2 : 0);
  }
}

template <int R, int STAGES>
struct Sweep {
  static constexpr int SUBS = 128 / R;       // most 64s of columns a block owns
  static constexpr int TILES_N = R / 8;
  static constexpr int CHUNKS = R / 8;       // 16-byte chunks of a row of B and P
  static constexpr int P_BYTES = ROWS * R * 2;
  static constexpr int B_BYTES = SUBS * COLS * R * 2;

  const SweepLaunch& launch;
  const SweepPart& part;
  uint32_t stages, pieces, factors;
  uint32_t chunk, subs, column0, tile0, tileEnd;
  uint32_t nextTile, nextSub, nextStep;
  float u[TILES_N][4];
  float v[SUBS][TILES_N][4];

  __device__ __forceinline__ Sweep(const SweepLaunch& all, const SweepPart& own, uint32_t ownChunk) : launch(all), part(own), chunk(ownChunk) {
    extern __shared__ __align__(128) unsigned char memory[];
    stages = shared_address(memory);
    pieces = stages + STAGES * G_BYTES;
    factors = pieces + STAGES * P_BYTES;
    column0 = chunk * part.subs * COLS;
    subs = min(part.subs, (part.n - column0 + COLS - 1) / COLS);
    tile0 = blockIdx.y * launch.tiles;
    tileEnd = min(tile0 + launch.tiles, (launch.m + ROWS - 1) / ROWS);
    nextTile = tile0;
    nextSub = nextStep = 0;
  }

  // The next tile of G, with the rows of P at the first of a row tile: at most STAGES row tiles are under way.
  __device__ __forceinline__ void load_next() {
    if (nextTile < tileEnd) {
      copy_rows<8, ROWS>(stages + nextStep % STAGES * G_BYTES, part.g, part.ldg, nextTile * ROWS, launch.m, column0 + nextSub * COLS, part.n);
      if (nextSub == 0) copy_rows<CHUNKS, ROWS>(pieces + (nextTile - tile0) % STAGES * P_BYTES, part.p, part.ldp, nextTile * ROWS, launch.m, 0, launch.r);
      nextStep++;
      if (++nextSub == subs) {
        nextSub = 0;
        nextTile++;
      }
    }
    copy_commit();
  }

  __device__ __forceinline__ void multiply(uint32_t tile, uint32_t rowsOfP, int sub, float (&own)[TILES_N][4]) {
    const uint32_t lane = threadIdx.x & 31, warp = threadIdx.x / 32;
    // U: this warp's 16 rows by all 64 columns.
#pragma unroll
    for (int k16 = 0; k16 < COLS / 16; k16++) {
      uint32_t a[4];
      ldmatrix_x4(a, tile + chunk_offset<8>(warp * 16 + (lane & 15), k16 * 2 + (lane >> 4)));
#pragma unroll
      for (int j = 0; j < TILES_N; j += 2) {
        uint32_t b[4];
        ldmatrix_x4_trans(b, factors + chunk_offset<CHUNKS>(sub * COLS + k16 * 16 + (lane & 15), j + (lane >> 4)));
        mma_16816(u[j], a, b[0], b[1]);
        mma_16816(u[j + 1], a, b[2], b[3]);
      }
    }
    // V: 16 of the columns by half of the rows.
    const uint32_t columns = warp & 3, half = warp >> 2;
#pragma unroll
    for (int k16 = 0; k16 < ROWS / 32; k16++) {
      const uint32_t row = half * (ROWS / 2) + k16 * 16;
      uint32_t a[4];
      ldmatrix_x4_trans(a, tile + chunk_offset<8>(row + (lane & 7) + (lane >> 4) * 8, columns * 2 + ((lane >> 3) & 1)));
#pragma unroll
      for (int j = 0; j < TILES_N; j += 2) {
        uint32_t b[4];
        ldmatrix_x4_trans(b, rowsOfP + chunk_offset<CHUNKS>(row + (lane & 15), j + (lane >> 4)));
        mma_16816(own[j], a, b[0], b[1]);
        mma_16816(own[j + 1], a, b[2], b[3]);
      }
    }
  }

  __device__ __forceinline__ void store_u(uint32_t tile) {
    const uint32_t lane = threadIdx.x & 31, warp = threadIdx.x / 32;
#pragma unroll
    for (int j = 0; j < TILES_N; j++) {
      const uint32_t column = j * 8 + (lane & 3) * 2;
#pragma unroll
      for (int half = 0; half < 2; half++) {
        const uint32_t row = tile * ROWS + warp * 16 + (lane >> 2) + half * 8;
        const float x = u[j][half * 2], y = u[j][half * 2 + 1];
        if (row < launch.m && column < launch.r) {
          if (part.chunks > 1) {
            *reinterpret_cast<float2*>(part.partU + (int64_t(chunk) * launch.m + row) * launch.r + column) = make_float2(x, y);
          } else {
            *reinterpret_cast<uint32_t*>(part.u + int64_t(row) * part.ldu + column) = pack_bf16(part.alphaU * x, part.alphaU * y);
          }
        }
        u[j][half * 2] = u[j][half * 2 + 1] = 0.f;
      }
    }
  }

  // The two halves of the rows meet in shared memory.
  __device__ __forceinline__ void store_v() {
    extern __shared__ __align__(128) unsigned char memory[];
    float* meeting = reinterpret_cast<float*>(memory);
    const uint32_t lane = threadIdx.x & 31, warp = threadIdx.x / 32;
    copy_wait<0>();
    __syncthreads();
#pragma unroll
    for (int s = 0; s < SUBS; s++)
#pragma unroll
      for (int j = 0; j < TILES_N; j++)
#pragma unroll
        for (int e = 0; e < 4; e++)
          if (warp >= 4) meeting[((s * TILES_N + j) * 4 + e) * 128 + (threadIdx.x & 127)] = v[s][j][e];
    __syncthreads();
    if (warp >= 4) return;
    const float scale = launch.splits > 1 ? 1.f : part.alphaV;
    float* out = launch.splits > 1 ? part.partV + int64_t(blockIdx.y) * part.n * launch.r : part.v;
#pragma unroll
    for (int s = 0; s < SUBS; s++) {
#pragma unroll
      for (int j = 0; j < TILES_N; j++) {
        const uint32_t column = j * 8 + (lane & 3) * 2;
#pragma unroll
        for (int half = 0; half < 2; half++) {
          const uint32_t row = column0 + s * COLS + warp * 16 + (lane >> 2) + half * 8;
          const float* other = meeting + ((s * TILES_N + j) * 4 + half * 2) * 128 + threadIdx.x;
          if (s < subs && row < part.n && column < launch.r) {
            *reinterpret_cast<float2*>(out + int64_t(row) * launch.r + column) =
                make_float2(scale * (v[s][j][half * 2] + other[0]), scale * (v[s][j][half * 2 + 1] + other[128]));
          }
        }
      }
    }
  }

  __device__ __forceinline__ void run() {
#pragma unroll
    for (int j = 0; j < TILES_N; j++)
#pragma unroll
      for (int e = 0; e < 4; e++) {
        u[j][e] = 0.f;
#pragma unroll
        for (int s = 0; s < SUBS; s++) v[s][j][e] = 0.f;
      }
    copy_rows<CHUNKS, SUBS * COLS>(factors, part.b, launch.r, column0, part.n, 0, launch.r);
#pragma unroll
    for (int s = 0; s < STAGES - 1; s++) load_next();
    uint32_t step = 0;
    for (uint32_t tile = tile0; tile < tileEnd; tile++) {
#pragma unroll
      for (int sub = 0; sub < SUBS; sub++) {
        if (sub < subs) {
          copy_wait<STAGES - 2>();
          __syncthreads();
          load_next();
          multiply(stages + step % STAGES * G_BYTES, pieces + (tile - tile0) % STAGES * P_BYTES, sub, v[sub]);
          step++;
        }
      }
      store_u(tile);
    }
    store_v();
  }
};

template <int R, int STAGES>
__device__ __forceinline__ void run_sweep(const SweepLaunch& launch) {
  uint32_t chunk = blockIdx.x, at = 0;
  while (chunk >= launch.part[at].chunks) chunk -= launch.part[at++].chunks;
  Sweep<R, STAGES>(launch, launch.part[at], chunk).run();
}

#define SWEEP_ENTRY(R, STAGES)                                                                                  \
  extern "C" __global__ void __launch_bounds__(SWEEP_THREADS, 2) sweep_##R(const __grid_constant__ SweepLaunch launch) { \
    run_sweep<R, STAGES>(launch);                                                                               \
  }

// These stand in sweep.ts too.
SWEEP_ENTRY(16, 4)
SWEEP_ENTRY(32, 3)
SWEEP_ENTRY(64, 3)

// Adds partials: 32 threads side by side take four elements each, 8 below each other an eighth of the partials each; their sums meet in
// shared memory. The order is fixed. Grid y: U and V of each part in turn.
constexpr int DEEP = 8;
extern "C" __global__ void __launch_bounds__(32 * DEEP) sweep_reduce(const __grid_constant__ SweepLaunch launch) {
  __shared__ float4 meeting[DEEP][32];
  const SweepPart& part = launch.part[blockIdx.y / 2];
  const bool isV = blockIdx.y % 2;
  const uint32_t rows = isV ? part.n : launch.m, count = isV ? launch.splits : part.chunks;
  const uint32_t size = rows * launch.r, across = threadIdx.x % 32, down = threadIdx.x / 32;
  const uint32_t at = (blockIdx.x * 32 + across) * 4;
  if (count < 2 || blockIdx.x * 128 >= size) return;
  const uint32_t share = (count + DEEP - 1) / DEEP, end = min(count, (down + 1) * share);
  float4 sum = make_float4(0.f, 0.f, 0.f, 0.f);
  if (at < size) {
    const float* from = (isV ? part.partV : part.partU) + at;
#pragma unroll 4
    for (uint32_t i = down * share; i < end; i++) {
      const float4 more = *reinterpret_cast<const float4*>(from + int64_t(i) * size);
      sum.x += more.x;
      sum.y += more.y;
      sum.z += more.z;
      sum.w += more.w;
    }
  }
  meeting[down][across] = sum;
  __syncthreads();
  if (down > 0 || at >= size) return;
#pragma unroll
  for (int i = 1; i < DEEP; i++) {
    const float4 more = meeting[i][across];
    sum.x += more.x;
    sum.y += more.y;
    sum.z += more.z;
    sum.w += more.w;
  }
  const float scale = isV ? part.alphaV : part.alphaU;
  if (isV) {
    *reinterpret_cast<float4*>(part.v + at) = make_float4(scale * sum.x, scale * sum.y, scale * sum.z, scale * sum.w);
  } else {
    bf16* to = part.u + int64_t(at / launch.r) * part.ldu + at % launch.r;
    reinterpret_cast<uint32_t*>(to)[0] = pack_bf16(scale * sum.x, scale * sum.y);
    reinterpret_cast<uint32_t*>(to)[1] = pack_bf16(scale * sum.z, scale * sum.w);
  }
}
