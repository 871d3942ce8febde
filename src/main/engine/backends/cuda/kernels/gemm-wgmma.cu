// bf16 GEMM on Hopper's own instructions (wgmma fed by the tensor copy engine), sm_90a only; f32 sums, deterministic, no atomics.
//
// Entry points: wgmma_<tile>_<layout>(TensorMaps, Parts, GemmParams). Layouts as in gemm-bf16.cu: nn, nt, tn. Every kernel can add a
// second product (k2 > 0) whose k-tiles follow the first one's in the same pipeline. No batch. Sizes m, n, k are free: the copy engine
// fills what lies outside with zeros. Tiles, threads and shared bytes: gemm-tiles.ts; boxes of the tensor maps: gemm-maps.ts.
// Up to three products can share a launch: of one sum (each with a k, A and B of its own: "along k"), or of one A (each with an n, B, C
// and second product of its own: "along n").
// One file although long: pipeline, products and epilogue are one template and make no sense apart.
//
// A block has three warpgroups: one loads (a single thread of it), two multiply. Two blocks make a cluster: they take tiles one above
// the other, which need the same tile of B, so each loads half of it and sends it to both: L2 is read a third less. The grid is as
// large as the card and each cluster walks over tiles, so that the next tile's operands arrive while this one's result is stored.
//   cooperative: both groups share a tile, 64 rows each. Widest tiles, fewest bytes a product.
//   pingpong ("pp"): each group has a tile of its own, 128 rows; one stores while the other multiplies. Pays where k is short.
// A tile lies in shared memory as the operand lies in global memory: k-contiguous rows of 64 (128 bytes, swizzled by the copy engine),
// or mn-contiguous boxes of 64 by 64; wgmma reads either, so no operand is ever transposed by itself.
#include "common.cuh"

struct __align__(64) TensorMap {
  uint64_t words[16];
};
constexpr int PARTS = 3;
struct TensorMaps {
  TensorMap a[PARTS], b[PARTS], a2[PARTS], b2[PARTS];
};
struct Part {
  void* c;
  uint32_t n, ldc, k, tilesN;
};
struct Parts {
  Part part[PARTS];
  uint32_t alongK, alongN;   // how many there are; one of the two is 1
};

// ---- products: D[64 x N] (+)= A[64 x 16] B[16 x N], operands by shared-memory descriptors; TA, TB: mn-contiguous
#define SUMS8(i) \
  "+f"(d[i]), "+f"(d[i + 1]), "+f"(d[i + 2]), "+f"(d[i + 3]), "+f"(d[i + 4]), "+f"(d[i + 5]), "+f"(d[i + 6]), "+f"(d[i + 7])

template <int N>
struct Product;

template <>
struct Product<128> {
  template <int TA, int TB>
  static __device__ __forceinline__ void add(float (&d)[64], uint64_t a, uint64_t b, int keep) {
    asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, %66, 0;\n"
                 "wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 {"
                 "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
                 "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
                 "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
                 "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63"
                 "}, %64, %65, p, 1, 1, %67, %68;\n}\n"
                 : SUMS8(0), SUMS8(8), SUMS8(16), SUMS8(24), SUMS8(32), SUMS8(40), SUMS8(48), SUMS8(56)
                 : "l"(a), "l"(b), "r"(keep), "n"(TA), "n"(TB));
  }
};

template <>
struct Product<192> {
  template <int TA, int TB>
  static __device__ __forceinline__ void add(float (&d)[96], uint64_t a, uint64_t b, int keep) {
    asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, %98, 0;\n"
                 "wgmma.mma_async.sync.aligned.m64n192k16.f32.bf16.bf16 {"
                 "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
                 "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
                 "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
                 "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63, "
                 "%64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79, "
                 "%80, %81, %82, %83, %84, %85, %86, %87, %88, %89, %90, %91, %92, %93, %94, %95"
                 "}, %96, %97, p, 1, 1, %99, %100;\n}\n"
                 : SUMS8(0), SUMS8(8), SUMS8(16), SUMS8(24), SUMS8(32), SUMS8(40), SUMS8(48), SUMS8(56),
                   SUMS8(64), SUMS8(72), SUMS8(80), SUMS8(88)
                 : "l"(a), "l"(b), "r"(keep), "n"(TA), "n"(TB));
  }
};

template <>
struct Product<224> {
  template <int TA, int TB>
  static __device__ __forceinline__ void add(float (&d)[112], uint64_t a, uint64_t b, int keep) {
    asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, %114, 0;\n"
                 "wgmma.mma_async.sync.aligned.m64n224k16.f32.bf16.bf16 {"
                 "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
                 "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
                 "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
                 "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63, "
                 "%64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79, "
                 "%80, %81, %82, %83, %84, %85, %86, %87, %88, %89, %90, %91, %92, %93, %94, %95, "
                 "%96, %97, %98, %99, %100, %101, %102, %103, %104, %105, %106, %107, %108, %109, %110, %111"
                 "}, %112, %113, p, 1, 1, %115, %116;\n}\n"
                 : SUMS8(0), SUMS8(8), SUMS8(16), SUMS8(24), SUMS8(32), SUMS8(40), SUMS8(48), SUMS8(56),
                   SUMS8(64), SUMS8(72), SUMS8(80), SUMS8(88), SUMS8(96), SUMS8(104)
                 : "l"(a), "l"(b), "r"(keep), "n"(TA), "n"(TB));
  }
};

template <>
struct Product<256> {
  template <int TA, int TB>
  static __device__ __forceinline__ void add(float (&d)[128], uint64_t a, uint64_t b, int keep) {
    asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, %130, 0;\n"
                 "wgmma.mma_async.sync.aligned.m64n256k16.f32.bf16.bf16 {"
                 "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
                 "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
                 "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
                 "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63, "
                 "%64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79, "
                 "%80, %81, %82, %83, %84, %85, %86, %87, %88, %89, %90, %91, %92, %93, %94, %95, "
                 "%96, %97, %98, %99, %100, %101, %102, %103, %104, %105, %106, %107, %108, %109, %110, %111, "
                 "%112, %113, %114, %115, %116, %117, %118, %119, %120, %121, %122, %123, %124, %125, %126, %127"
                 "}, %128, %129, p, 1, 1, %131, %132;\n}\n"
                 : SUMS8(0), SUMS8(8), SUMS8(16), SUMS8(24), SUMS8(32), SUMS8(40), SUMS8(48), SUMS8(56),
                   SUMS8(64), SUMS8(72), SUMS8(80), SUMS8(88), SUMS8(96), SUMS8(104), SUMS8(112), SUMS8(120)
                 : "l"(a), "l"(b), "r"(keep), "n"(TA), "n"(TB));
  }
};

__device__ __forceinline__ void products_begin() { asm volatile("wgmma.fence.sync.aligned;\n" ::: "memory"); }
__device__ __forceinline__ void products_commit() { asm volatile("wgmma.commit_group.sync.aligned;\n" ::: "memory"); }
template <int PENDING>
__device__ __forceinline__ void products_wait() {
  asm volatile("wgmma.wait_group.sync.aligned %0;\n" ::"n"(PENDING) : "memory");
}

// Swizzled by 128 bytes; `leading` is the step to the next 64 of mn where mn is contiguous, else unused. Groups of 8 rows lie 1024 apart.
__device__ __forceinline__ uint64_t descriptor(uint32_t shared, uint32_t leading) {
  return uint64_t((shared & 0x3ffffu) >> 4) | uint64_t(leading >> 4) << 16 | uint64_t(1024 >> 4) << 32 | uint64_t(1) << 62;
}

// ---- barriers in shared memory, and copies that complete on them
__device__ __forceinline__ void barrier_init(uint32_t barrier, uint32_t count) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;\n" ::"r"(barrier), "r"(count) : "memory");
}

__device__ __forceinline__ void barrier_expect(uint32_t barrier, uint32_t bytes) {
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;\n" ::"r"(barrier), "r"(bytes) : "memory");
}

__device__ __forceinline__ void barrier_wait(uint32_t barrier, uint32_t parity) {
  uint32_t done = 0;
  while (!done) {
    asm volatile("{\n.reg .pred p;\nmbarrier.try_wait.parity.shared::cta.b64 p, [%1], %2;\nselp.u32 %0, 1, 0, p;\n}\n"
                 : "=r"(done)
                 : "r"(barrier), "r"(parity)
                 : "memory");
  }
}

// Arrives at the same barrier of a block of the cluster.
__device__ __forceinline__ void barrier_arrive_at(uint32_t barrier, uint32_t block) {
  asm volatile("{\n.reg .b32 there;\nmapa.shared::cluster.u32 there, %0, %1;\nmbarrier.arrive.shared::cluster.b64 _, [there];\n}\n" ::"r"(barrier),
               "r"(block)
               : "memory");
}

__device__ __forceinline__ void copy_box(uint32_t shared, const TensorMap& map, uint32_t barrier, uint32_t x, uint32_t y) {
  asm volatile("cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%3, %4}], [%2];\n" ::"r"(shared),
               "l"(&map), "r"(barrier), "r"(x), "r"(y)
               : "memory");
}

// To the same place of both blocks of the cluster, completing on the barrier of each.
__device__ __forceinline__ void copy_box_to_both(uint32_t shared, const TensorMap& map, uint32_t barrier, uint32_t x, uint32_t y) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster [%0], [%1, {%3, %4}], [%2], %5;\n" ::"r"(shared),
      "l"(&map), "r"(barrier), "r"(x), "r"(y), "h"(static_cast<unsigned short>(3))
      : "memory");
}

__device__ __forceinline__ void cluster_sync() {
  asm volatile("barrier.cluster.arrive.aligned;\nbarrier.cluster.wait.aligned;\n" ::: "memory");
}

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

// Two groups take turns: a group waits for its own number and gives the other's away. Without turns a group could wait for a stage's
// parity two rounds early, and take one that is not its own.
__device__ __forceinline__ void turn_wait(uint32_t group) { asm volatile("bar.sync %0, 256;\n" ::"r"(group + 1) : "memory"); }
__device__ __forceinline__ void turn_give(uint32_t group) { asm volatile("bar.arrive %0, 256;\n" ::"r"(group + 1) : "memory"); }

constexpr int CLUSTER = 2, BM = 128, BK = 64, BOX_BYTES = 64 * 64 * 2;

template <int BN, int STAGES, bool PINGPONG, bool A_K, bool B_K>
struct Hopper {
  static constexpr int PIECES = PINGPONG ? 2 : 1;   // of 64 rows that a group multiplies
  static constexpr int A_BYTES = BM * BK * 2;
  static constexpr int B_BOXES = (BN + 63) / 64;
  static constexpr int B_BYTES = B_K ? BN * BK * 2 : B_BOXES * BOX_BYTES;
  static constexpr int STAGE_BYTES = A_BYTES + B_BYTES;
  static constexpr int SUMS = BN / 2;
  static constexpr int GROUPS = BN / 32;            // of 32 columns that a quad stores together
  static_assert(B_BYTES % 1024 == 0 && BN % 32 == 0, "the swizzle repeats every 1024 bytes");

  struct Where {
    uint32_t m0, n0, part, split, kTiles, kTiles2, k0;
  };

  const TensorMaps& maps;
  const Parts& parts;
  const GemmParams& p;
  uint32_t shared, full, empty, rank;
  uint32_t stage = 0, phase = 0;

  __device__ __forceinline__ Hopper(const TensorMaps& maps_, const Parts& parts_, const GemmParams& p_) : maps(maps_), parts(parts_), p(p_) {
    extern __shared__ unsigned char memory[];
    const uint32_t start = shared_address(memory);
    shared = (start + 1023u) & ~1023u;
    full = shared + STAGES * STAGE_BYTES;
    empty = full + STAGES * 8;
    asm("mov.u32 %0, %%cluster_ctarank;\n" : "=r"(rank));
  }

  __device__ __forceinline__ void advance() {
    if (++stage == STAGES) {
      stage = 0;
      phase ^= 1;
    }
  }

  __device__ __forceinline__ uint32_t tiles_m() const { return (p.m + CLUSTER * BM - 1) / (CLUSTER * BM); }
  __device__ __forceinline__ uint32_t tiles_n() const {
    uint32_t tiles = parts.part[0].tilesN;
    for (uint32_t i = 1; i < parts.alongN; i++) tiles += parts.part[i].tilesN;
    return tiles;
  }
  static __device__ __forceinline__ uint32_t tiles_k(uint32_t k) { return (k + BK - 1) / BK; }

  __device__ __forceinline__ Where where(uint32_t tile) const {
    const uint32_t perSplit = tiles_m() * tiles_n();
    uint32_t tileM, tileN;
    Where at;
    at.split = tile / perSplit;
    tile_of_block(tile % perSplit, tiles_m(), tiles_n(), tileM, tileN);
    at.m0 = (tileM * CLUSTER + rank) * BM;
    at.part = 0;
    while (at.part + 1 < parts.alongN && tileN >= parts.part[at.part].tilesN) tileN -= parts.part[at.part++].tilesN;
    at.n0 = tileN * BN;
    at.k0 = at.split * p.kPerSplit;
    const uint32_t kEnd = min(p.k, at.k0 + p.kPerSplit);
    at.kTiles = kEnd > at.k0 ? tiles_k(kEnd - at.k0) : 0;
    // A sum of several products is never split.
    for (uint32_t i = 1; i < parts.alongK; i++) at.kTiles += tiles_k(parts.part[i].k);
    // The last split takes the second product.
    at.kTiles2 = at.split + 1 == p.splits ? tiles_k(p.k2) : 0;
    return at;
  }

  __device__ __forceinline__ void load_stage(const TensorMap& a, const TensorMap& b, const Where& at, uint32_t k) {
    barrier_wait(empty + stage * 8, phase ^ 1);
    const uint32_t barrier = full + stage * 8;
    const uint32_t toA = shared + stage * STAGE_BYTES, toB = toA + A_BYTES;
    barrier_expect(barrier, STAGE_BYTES);
    if (A_K) {
      copy_box(toA, a, barrier, k, at.m0);
    } else {
#pragma unroll
      for (int i = 0; i < BM / 64; i++) copy_box(toA + i * BOX_BYTES, a, barrier, at.m0 + i * 64, k);
    }
    if (B_K) {
      const uint32_t half = rank * (BN / CLUSTER);
      copy_box_to_both(toB + half * BK * 2, b, barrier, k, at.n0 + half);
    } else {
      const uint32_t half = rank * (BK / CLUSTER);
#pragma unroll
      for (int i = 0; i < B_BOXES; i++) copy_box_to_both(toB + i * BOX_BYTES + half * 128, b, barrier, at.n0 + i * 64, k + half);
    }
    advance();
  }

  __device__ __forceinline__ void load_all(uint32_t first, uint32_t step, uint32_t tiles) {
    for (uint32_t tile = first; tile < tiles; tile += step) {
      const Where at = where(tile);
      uint32_t part = 0, left = parts.alongK > 1 ? tiles_k(p.k) : at.kTiles, k = at.k0;
      for (uint32_t t = 0; t < at.kTiles; t++, left--, k += BK) {
        if (left == 0) {
          left = tiles_k(parts.part[++part].k);
          k = 0;
        }
        load_stage(maps.a[part], maps.b[parts.alongN > 1 ? at.part : part], at, k);
      }
      for (uint32_t t = 0; t < at.kTiles2; t++) load_stage(maps.a2[at.part], maps.b2[at.part], at, t * BK);
    }
  }

  __device__ __forceinline__ void release(uint32_t used) {
    const uint32_t lane = threadIdx.x & 31;
    if (lane < CLUSTER) barrier_arrive_at(empty + used * 8, lane);
  }

  // k-tiles after one another; products of a tile run while the next tile's are issued, then its stage is given back.
  __device__ __forceinline__ void multiply(float (&sum)[PIECES][SUMS], uint32_t rowsAt, uint32_t count, bool fresh, bool last, uint32_t group) {
    uint32_t used = 0;
    for (uint32_t t = 0; t < count; t++) {
      barrier_wait(full + stage * 8, phase);
      const uint32_t a = shared + stage * STAGE_BYTES, b = a + A_BYTES;
      products_begin();
#pragma unroll
      for (int k16 = 0; k16 < BK / 16; k16++) {
        const uint64_t bits = descriptor(b + (B_K ? k16 * 32 : k16 * 2048), B_K ? 16 : BOX_BYTES);
#pragma unroll
        for (int i = 0; i < PIECES; i++) {
          const uint32_t row = rowsAt + i * 64;
          const uint64_t from = descriptor(a + row * 128 + (A_K ? k16 * 32 : k16 * 2048), A_K ? 16 : BOX_BYTES);
          Product<BN>::template add<A_K ? 0 : 1, B_K ? 0 : 1>(sum[i], from, bits, !fresh || t > 0 || k16 > 0);
        }
      }
      products_commit();
      products_wait<1>();
      if (t > 0) release(used);
      used = stage;
      advance();
    }
    if (PINGPONG && last) turn_give(1 - group);
    products_wait<0>();
    if (count > 0) release(used);
#pragma unroll
    for (int i = 0; i < PIECES; i++)
#pragma unroll
      for (int e = 0; e < SUMS; e++) asm volatile("" : "+f"(sum[i][e])::"memory");
  }

  // Raw sums of one split, f32 [m, n].
  __device__ __forceinline__ void store_partial(const float (&sum)[SUMS], uint32_t split, uint32_t m0, uint32_t n0) {
    const int lane = threadIdx.x & 31;
    float* out = p.partial + int64_t(split) * p.m * p.n;
    const bool pairs = p.n % 2 == 0;
#pragma unroll
    for (int j = 0; j < BN / 8; j++) {
#pragma unroll
      for (int half = 0; half < 2; half++) {
        const uint32_t m = m0 + (lane >> 2) + half * 8, n = n0 + j * 8 + (lane & 3) * 2;
        float* to = out + int64_t(m) * p.n + n;
        if (m >= p.m || n >= p.n) continue;
        if (pairs) {
          *reinterpret_cast<float2*>(to) = make_float2(sum[j * 4 + half * 2], sum[j * 4 + half * 2 + 1]);
        } else {
          to[0] = sum[j * 4 + half * 2];
          if (n + 1 < p.n) to[1] = sum[j * 4 + half * 2 + 1];
        }
      }
    }
  }

  __device__ __forceinline__ void store_f32(const float (&sum)[SUMS], const Part& part, uint32_t m0, uint32_t n0) {
    const int lane = threadIdx.x & 31;
    const bool pairs = p.flags & GEMM_C_ALIGNED;
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const uint32_t m = m0 + (lane >> 2) + half * 8;
      if (m >= p.m) continue;
#pragma unroll
      for (int j = 0; j < BN / 8; j++) {
        const uint32_t n = n0 + j * 8 + (lane & 3) * 2;
        float2 v = make_float2(p.alpha * sum[j * 4 + half * 2], p.alpha * sum[j * 4 + half * 2 + 1]);
        float* to = static_cast<float*>(part.c) + int64_t(m) * part.ldc + n;
        if (pairs && n + 1 < part.n) {
          if (p.beta != 0.f) {
            const float2 old = *reinterpret_cast<const float2*>(to);
            v.x += p.beta * old.x;
            v.y += p.beta * old.y;
          }
          *reinterpret_cast<float2*>(to) = v;
        } else {
          if (n < part.n) to[0] = p.beta != 0.f ? v.x + p.beta * to[0] : v.x;
          if (n + 1 < part.n) to[1] = p.beta != 0.f ? v.y + p.beta * to[1] : v.y;
        }
      }
    }
  }

  __device__ __forceinline__ void load_old(const bf16* line, const Part& part, bool inside, uint32_t n, uint32_t (&old)[4]) {
    uint4 w = make_uint4(0, 0, 0, 0);
    if (inside) {
      if ((p.flags & GEMM_C_ALIGNED) && n + 8 <= part.n) {
        w = *reinterpret_cast<const uint4*>(line + n);
      } else {
        unsigned short e[8];
#pragma unroll
        for (int x = 0; x < 8; x++) e[x] = n + x < part.n ? reinterpret_cast<const unsigned short*>(line)[n + x] : 0;
        w = make_uint4(e[0] | e[1] << 16, e[2] | e[3] << 16, e[4] | e[5] << 16, e[6] | e[7] << 16);
      }
    }
    old[0] = w.x;
    old[1] = w.y;
    old[2] = w.z;
    old[3] = w.w;
  }

  // bf16: 32 columns are exchanged among quads of lanes, so that each lane stores (and for beta loads) 16 bytes.
  template <bool OLD>
  __device__ __forceinline__ void store_bf16(const float (&sum)[SUMS], const Part& part, uint32_t m0, uint32_t n0) {
    const int lane = threadIdx.x & 31, quad = lane & 3;
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const uint32_t m = m0 + (lane >> 2) + half * 8;
      bf16* line = static_cast<bf16*>(part.c) + int64_t(m) * part.ldc;
#pragma unroll
      for (int g = 0; g < GROUPS; g++) {
        const uint32_t n = n0 + (g * 4 + quad) * 8;
        uint32_t w[4], old[4] = {0, 0, 0, 0};
        if (OLD) {
          load_old(line, part, m < p.m, n, old);
          quad_transpose(old);
        }
#pragma unroll
        for (int j = 0; j < 4; j++) {
          float x = p.alpha * sum[(g * 4 + j) * 4 + half * 2], y = p.alpha * sum[(g * 4 + j) * 4 + half * 2 + 1];
          if (OLD) {
            x += p.beta * bf16_low(old[j]);
            y += p.beta * bf16_high(old[j]);
          }
          w[j] = pack_bf16(x, y);
        }
        quad_transpose(w);
        if (m >= p.m) continue;
        if ((p.flags & GEMM_C_ALIGNED) && n + 8 <= part.n) {
          *reinterpret_cast<uint4*>(line + n) = make_uint4(w[0], w[1], w[2], w[3]);
        } else {
#pragma unroll
          for (int e = 0; e < 8; e++) {
            const uint32_t bits = e & 1 ? w[e / 2] >> 16 : w[e / 2] & 0xffffu;
            if (n + e < part.n) reinterpret_cast<unsigned short*>(line)[n + e] = static_cast<unsigned short>(bits);
          }
        }
      }
    }
  }

  __device__ __forceinline__ void store(const float (&sum)[SUMS], const Where& at, uint32_t m0) {
    const Part& part = parts.part[at.part];
    if (p.splits > 1) {
      store_partial(sum, at.split, m0, at.n0);
    } else if (p.flags & GEMM_OUT_F32) {
      store_f32(sum, part, m0, at.n0);
    } else if (p.beta != 0.f) {
      store_bf16<true>(sum, part, m0, at.n0);
    } else {
      store_bf16<false>(sum, part, m0, at.n0);
    }
  }

  __device__ __forceinline__ void multiply_all(uint32_t first, uint32_t step, uint32_t tiles, uint32_t group) {
    const uint32_t rowsAt = PINGPONG ? 0 : group * 64;
    uint32_t turn = 0;
    if (PINGPONG && group == 1) turn_give(0);
    for (uint32_t tile = first; tile < tiles; tile += step, turn++) {
      const Where at = where(tile);
      if (PINGPONG && (turn & 1) != group) {
        const uint32_t there = stage + at.kTiles + at.kTiles2;
        phase ^= (there / STAGES) & 1;
        stage = there % STAGES;
        continue;
      }
      if (PINGPONG) turn_wait(group);
      float sum[PIECES][SUMS];
      if (at.kTiles == 0) {
#pragma unroll
        for (int i = 0; i < PIECES; i++)
#pragma unroll
          for (int e = 0; e < SUMS; e++) sum[i][e] = 0.f;
      }
      multiply(sum, rowsAt, at.kTiles, true, at.kTiles2 == 0, group);
      if (p.ratio != 1.f) {
#pragma unroll
        for (int i = 0; i < PIECES; i++)
#pragma unroll
          for (int e = 0; e < SUMS; e++) sum[i][e] *= p.ratio;
      }
      if (at.kTiles2 > 0) {
        multiply(sum, rowsAt, at.kTiles2, false, true, group);
      }
      const uint32_t warp = (threadIdx.x & 127) / 32;
#pragma unroll
      for (int i = 0; i < PIECES; i++) store(sum[i], at, at.m0 + rowsAt + i * 64 + warp * 16);
    }
  }

  __device__ __forceinline__ void run() {
    const uint32_t warpgroup = threadIdx.x / 128;
    if (threadIdx.x == 0) {
      for (int s = 0; s < STAGES; s++) {
        barrier_init(full + s * 8, 1);
        // A warp arrives by itself: it alone knows that its own products are done.
        barrier_init(empty + s * 8, CLUSTER * (PINGPONG ? 1 : 2) * 4);
      }
      asm volatile("fence.mbarrier_init.release.cluster;\n" ::: "memory");
    }
    cluster_sync();
    const uint32_t first = blockIdx.x / CLUSTER, step = gridDim.x / CLUSTER, tiles = tiles_m() * tiles_n() * p.splits;
    if (warpgroup == 0) {
      asm volatile("setmaxnreg.dec.sync.aligned.u32 40;\n");
      if (threadIdx.x == 0) load_all(first, step, tiles);
    } else {
      asm volatile("setmaxnreg.inc.sync.aligned.u32 232;\n");
      multiply_all(first, step, tiles, warpgroup - 1);
    }
    // No block may end while the other still sends to it or counts on its barriers.
    __syncwarp();
    cluster_sync();
  }
};

#define HOPPER_ENTRY(NAME, BN, STAGES, PINGPONG, LAYOUT, AK, BKC)                                                        \
  extern "C" __global__ void __cluster_dims__(CLUSTER, 1, 1) __launch_bounds__(384, 1)                                    \
      wgmma_##NAME##_##LAYOUT(const __grid_constant__ TensorMaps maps, const __grid_constant__ Parts parts,               \
                              const __grid_constant__ GemmParams p) {                                                     \
    Hopper<BN, STAGES, PINGPONG, AK, BKC> gemm(maps, parts, p);                                                                  \
    gemm.run();                                                                                                           \
  }
#define HOPPER_LAYOUTS(NAME, BN, STAGES, PINGPONG)            \
  HOPPER_ENTRY(NAME, BN, STAGES, PINGPONG, nn, true, false)   \
  HOPPER_ENTRY(NAME, BN, STAGES, PINGPONG, nt, true, true)

// These numbers stand in gemm-tiles.ts too; a test holds the two together.
HOPPER_LAYOUTS(128x256, 256, 4, false)
HOPPER_ENTRY(128x256, 256, 4, false, tn, false, false)
HOPPER_LAYOUTS(128x224, 224, 4, false)
HOPPER_LAYOUTS(128x192, 192, 5, false)
HOPPER_LAYOUTS(128x128, 128, 6, false)
HOPPER_ENTRY(128x128, 128, 6, false, tn, false, false)
HOPPER_LAYOUTS(128x192pp, 192, 5, true)
HOPPER_LAYOUTS(128x128pp, 128, 6, true)
