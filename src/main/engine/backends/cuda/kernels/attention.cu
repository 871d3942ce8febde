// Causal attention and its gradients on tensor cores (FlashAttention-2, arXiv 2307.08691), bf16 with f32 sums, heads of 64 and
// 128; deterministic, no atomics. Scores live in registers only; grouped queries read their key head where it lies.
//
//   q, dOut, out, dQ [B, T, H, D]   k, v, dK, dV [B, S, KV, D]   lse, delta f32 [B, H, T]
//   attention_forward_<D>   grid (H, B, blocks of 64 queries)
//   attention_dq_<D>        same grid; also writes delta = rowsum(dOut * out), which attention_dkv reads
//   attention_dkv_<D>       grid (H, B, blocks of 64 keys); with several query heads a key head it writes f32 [B, S, H, D] and
//                           attention_group_sum adds them in order: one block for a whole group would leave the card half idle.
// Query t sees keys 0..t, or with `_range_` keys first[b, t]..last[b, t] (packed rows, windows, prefixes): blocks of keys that no
// query of a block sees are passed over, and so are queries that see no key of a block, by the spans that attention_dq notes.
// T and S are free: copies fill what lies outside with zeros. All pointers 16-byte aligned.
// Blocks with the most work come first. Four warps, each 16 rows of the block: a warp's scores never leave its registers,
// since the sums of one product lie just as the next one takes its left operand.
// One file although long: the three kernels share tiles, copies and products, and are read against each other.
#include "common.cuh"

static constexpr int BLOCK = 64;      // rows of every tile, queries or keys
static constexpr int THREADS = 128;
static constexpr float LOG2E = 1.4426950408889634f;

__device__ __forceinline__ float exp2_approx(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;\n" : "=f"(y) : "f"(x));
  return y;
}

__device__ __forceinline__ void copy4_async(uint32_t shared, const void* global, int bytes) {
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;\n" ::"r"(shared), "l"(global), "r"(bytes));
}

// 64 rows of D elements; 16-byte chunks XOR-swizzled by row, so that ldmatrix meets no bank twice.
template <int D>
struct Rows {
  static constexpr int CHUNKS = D / 8;
  static constexpr int BYTES = BLOCK * D * 2;

  static __device__ __forceinline__ uint32_t offset(uint32_t row, uint32_t chunk) {
    return (row * CHUNKS + (chunk ^ (row & 7))) * 16;
  }

  // Rows first.. of `total`, `stride` elements apart.
  static __device__ __forceinline__ void load(uint32_t shared, const bf16* base, int64_t stride, int first, int total) {
#pragma unroll
    for (int pass = 0; pass < BLOCK * CHUNKS / THREADS; pass++) {
      const int row = (threadIdx.x + pass * THREADS) / CHUNKS;
      const int chunk = threadIdx.x % CHUNKS;
      const bool inside = first + row < total;
      copy16_async(shared + offset(row, chunk), base + (inside ? (first + row) * stride : 0) + chunk * 8, inside ? 16 : 0);
    }
  }

  // 16 rows by 16 columns as a left operand.
  static __device__ __forceinline__ void left(uint32_t (&a)[4], uint32_t tile, int row, int k16) {
    const int lane = threadIdx.x & 31;
    ldmatrix_x4(a, tile + offset(row + (lane & 15), k16 * 2 + (lane >> 4)));
  }
};

// This warp's 16 rows of a tile, as left operands: kept in registers where they fit, else read anew each time.
template <int D, bool HELD>
struct Left {
  uint32_t held[HELD ? D / 16 : 1][4];
  uint32_t tile;
  int row;

  __device__ __forceinline__ void open(uint32_t from, int firstRow) {
    tile = from;
    row = firstRow;
    if (HELD) {
#pragma unroll
      for (int k = 0; k < D / 16; k++) Rows<D>::left(held[HELD ? k : 0], tile, row, k);
    }
  }

  __device__ __forceinline__ void get(uint32_t (&a)[4], int k16) const {
    if (HELD) {
#pragma unroll
      for (int i = 0; i < 4; i++) a[i] = held[HELD ? k16 : 0][i];
    } else {
      Rows<D>::left(a, tile, row, k16);
    }
  }
};

// sum[16 x 64] = left [16 x D] * tile [64 x D] transposed
template <int D, bool HELD>
__device__ __forceinline__ void times_rows(float (&sum)[8][4], const Left<D, HELD>& left, uint32_t tile) {
  const int lane = threadIdx.x & 31;
#pragma unroll
  for (int t = 0; t < 8; t++) {
#pragma unroll
    for (int e = 0; e < 4; e++) sum[t][e] = 0.f;
  }
#pragma unroll
  for (int k = 0; k < D / 16; k++) {
    uint32_t a[4];
    left.get(a, k);
#pragma unroll
    for (int j = 0; j < 4; j++) {
      uint32_t b[4];
      ldmatrix_x4(b, tile + Rows<D>::offset(j * 16 + (lane & 7) + (lane >> 4) * 8, k * 2 + ((lane >> 3) & 1)));
      mma_16816(sum[2 * j], a, b[0], b[1]);
      mma_16816(sum[2 * j + 1], a, b[2], b[3]);
    }
  }
}

// sum[16 x D] += left [16 x 64] * tile [64 x D]; `left` as the sums of a product, rounded to bf16
template <int D>
__device__ __forceinline__ void add_times(float (&sum)[D / 8][4], const float (&left)[8][4], uint32_t tile) {
  const int lane = threadIdx.x & 31;
#pragma unroll
  for (int k = 0; k < 4; k++) {
    const uint32_t a[4] = {pack_bf16(left[2 * k][0], left[2 * k][1]), pack_bf16(left[2 * k][2], left[2 * k][3]),
                           pack_bf16(left[2 * k + 1][0], left[2 * k + 1][1]), pack_bf16(left[2 * k + 1][2], left[2 * k + 1][3])};
#pragma unroll
    for (int j = 0; j < D / 16; j++) {
      uint32_t b[4];
      ldmatrix_x4_trans(b, tile + Rows<D>::offset(k * 16 + (lane & 7) + ((lane >> 3) & 1) * 8, j * 2 + (lane >> 4)));
      mma_16816(sum[2 * j], a, b[0], b[1]);
      mma_16816(sum[2 * j + 1], a, b[2], b[3]);
    }
  }
}

template <int N>
__device__ __forceinline__ void clear(float (&sum)[N][4]) {
#pragma unroll
  for (int t = 0; t < N; t++) {
#pragma unroll
    for (int e = 0; e < 4; e++) sum[t][e] = 0.f;
  }
}

// A row lies in four neighbouring lanes.
__device__ __forceinline__ float quad_sum(float x) {
  x += __shfl_xor_sync(0xffffffffu, x, 1);
  return x + __shfl_xor_sync(0xffffffffu, x, 2);
}

__device__ __forceinline__ float quad_max(float x) {
  x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, 1));
  return fmaxf(x, __shfl_xor_sync(0xffffffffu, x, 2));
}

// One row (of the two a lane holds parts of) in bf16; `half` 0 or 1.
template <int D>
__device__ __forceinline__ void store_row(bf16* to, const float (&sum)[D / 8][4], int half, float factor) {
#pragma unroll
  for (int t = 0; t < D / 8; t++) {
    *reinterpret_cast<uint32_t*>(to + t * 8 + (threadIdx.x & 3) * 2) =
        pack_bf16(sum[t][half * 2] * factor, sum[t][half * 2 + 1] * factor);
  }
}

// i32 [B, T]: the first and the last key that each query sees.
struct Ranges {
  const int* first;
  const int* last;
};

// Keys of a query; none (also where there is no such query) is a first key beyond every last one.
struct Span {
  int first, last;

  __device__ __forceinline__ bool hides(int key) const { return key < first || key > last; }
};

static constexpr int FAR = 0x7fffffff;

template <bool RANGE>
__device__ __forceinline__ Span span_of(const Ranges& ranges, int query, int queries, int keys) {
  if (!RANGE) return {0, min(query, keys - 1)};
  if (query >= queries) return {FAR, -1};
  const Span span = {max(ranges.first[query], 0), min(ranges.last[query], keys - 1)};
  return span.first > span.last ? Span{FAR, -1} : span;
}

// Of the 64 queries of a block: keys that any of them sees, and keys that all of them see.
struct Spans {
  int first, last, allFirst, allLast;

  __device__ __forceinline__ bool meets(int firstKey) const { return first < firstKey + BLOCK && last >= firstKey; }
  __device__ __forceinline__ bool covers(int firstKey) const { return allFirst <= firstKey && allLast >= firstKey + BLOCK - 1; }
};

template <bool RANGE>
__device__ __forceinline__ Spans spans_of(const Ranges& ranges, int firstQuery, int queries, int keys) {
  if (!RANGE) return {0, min(min(firstQuery + BLOCK, queries) - 1, keys - 1), 0, min(firstQuery, keys - 1)};
  const int lane = threadIdx.x & 31;
  const Span a = span_of<RANGE>(ranges, firstQuery + lane, queries, keys), b = span_of<RANGE>(ranges, firstQuery + 32 + lane, queries, keys);
  const unsigned all = 0xffffffffu;
  return {__reduce_min_sync(all, min(a.first, b.first)), __reduce_max_sync(all, max(a.last, b.last)),
          __reduce_max_sync(all, max(a.first, b.first)), __reduce_min_sync(all, min(a.last, b.last))};
}

// A maximum that every score is above, and that is finite: a row that sees no key keeps it.
static constexpr float NOTHING = -1e30f;

template <int D, bool RANGE>
__device__ __forceinline__ void forward(const bf16* q, const bf16* k, const bf16* v, bf16* out, float* lse, Ranges ranges, int queries,
                                        int keys, int heads, int kvHeads, float scale) {
  extern __shared__ __align__(128) char memory[];
  typedef Rows<D> T;
  const uint32_t tileQ = shared_address(memory);
  const uint32_t stages = tileQ + T::BYTES;   // K and V of one block, K and V of the next
  const int head = blockIdx.x, batch = blockIdx.y, first = (gridDim.z - 1 - blockIdx.z) * BLOCK;
  const int kv = head / (heads / kvHeads);
  const int64_t strideQ = int64_t(heads) * D, strideK = int64_t(kvHeads) * D;
  q += int64_t(batch) * queries * strideQ + head * D;
  out += int64_t(batch) * queries * strideQ + head * D;
  k += int64_t(batch) * keys * strideK + kv * D;
  v += int64_t(batch) * keys * strideK + kv * D;
  if (RANGE) ranges = {ranges.first + int64_t(batch) * queries, ranges.last + int64_t(batch) * queries};
  const Spans spans = spans_of<RANGE>(ranges, first, queries, keys);
  const int begin = RANGE ? (spans.last < 0 ? 0 : spans.first / BLOCK) : 0, blocks = RANGE && spans.last < 0 ? 0 : spans.last / BLOCK + 1;
  const int lane = threadIdx.x & 31, warp = threadIdx.x / 32;
  const int row = first + warp * 16 + (lane >> 2);   // and row + 8
  const float scale2 = scale * LOG2E;

  T::load(tileQ, q, strideQ, first, queries);
  T::load(stages, k, strideK, begin * BLOCK, keys);
  T::load(stages + T::BYTES, v, strideK, begin * BLOCK, keys);
  copy_commit();
  Left<D, true> left;
  float sum[D / 8][4], top[2] = {NOTHING, NOTHING}, total[2] = {0.f, 0.f};
  const Span seen[2] = {span_of<RANGE>(ranges, row, queries, keys), span_of<RANGE>(ranges, row + 8, queries, keys)};
  clear(sum);
  for (int block = begin; block < blocks; block++) {
    if (block + 1 < blocks) {
      const uint32_t next = stages + ((block + 1 - begin) & 1) * 2 * T::BYTES;
      T::load(next, k, strideK, (block + 1) * BLOCK, keys);
      T::load(next + T::BYTES, v, strideK, (block + 1) * BLOCK, keys);
    }
    copy_commit();
    copy_wait<1>();
    __syncthreads();
    if (block == begin) left.open(tileQ, warp * 16);
    const uint32_t tileK = stages + ((block - begin) & 1) * 2 * T::BYTES;
    float s[8][4];
    times_rows(s, left, tileK);
    if (!spans.covers(block * BLOCK)) {
#pragma unroll
      for (int t = 0; t < 8; t++) {
#pragma unroll
        for (int e = 0; e < 4; e++) {
          const int key = block * BLOCK + t * 8 + (lane & 3) * 2 + (e & 1);
          if (seen[e >> 1].hides(key)) s[t][e] = -INFINITY;
        }
      }
    }
#pragma unroll
    for (int half = 0; half < 2; half++) {
      float highest = top[half];
#pragma unroll
      for (int t = 0; t < 8; t++) highest = fmaxf(highest, fmaxf(s[t][half * 2], s[t][half * 2 + 1]));
      highest = quad_max(highest);
      const float shrink = exp2_approx((top[half] - highest) * scale2);
      const float shift = highest * scale2;
      float added = 0.f;
#pragma unroll
      for (int t = 0; t < 8; t++) {
#pragma unroll
        for (int e = half * 2; e < half * 2 + 2; e++) {
          s[t][e] = exp2_approx(fmaf(s[t][e], scale2, -shift));
          added += s[t][e];
        }
      }
      total[half] = total[half] * shrink + added;
      top[half] = highest;
#pragma unroll
      for (int t = 0; t < D / 8; t++) {
        sum[t][half * 2] *= shrink;
        sum[t][half * 2 + 1] *= shrink;
      }
    }
    add_times<D>(sum, s, tileK + T::BYTES);
    __syncthreads();
  }
#pragma unroll
  for (int half = 0; half < 2; half++) {
    const float all = quad_sum(total[half]);
    const int query = row + half * 8;
    if (query >= queries) continue;
    store_row<D>(out + query * strideQ, sum, half, RANGE && all == 0.f ? 0.f : 1.f / all);
    if ((lane & 3) == 0) lse[(int64_t(batch) * heads + head) * queries + query] = RANGE && all == 0.f ? NOTHING : top[half] * scale + logf(all);
  }
}

template <int D, bool RANGE>
__device__ __forceinline__ void query_gradient(const bf16* q, const bf16* k, const bf16* v, const bf16* out, const float* lse,
                                               const bf16* dOut, bf16* dQ, float* delta, Ranges ranges, int4* noted, int queries,
                                               int keys, int heads, int kvHeads, float scale) {
  extern __shared__ __align__(128) char memory[];
  typedef Rows<D> T;
  const uint32_t tileQ = shared_address(memory), tileD = tileQ + T::BYTES;
  const uint32_t stages = tileD + T::BYTES;
  const int head = blockIdx.x, batch = blockIdx.y, first = (gridDim.z - 1 - blockIdx.z) * BLOCK;
  const int kv = head / (heads / kvHeads);
  const int64_t strideQ = int64_t(heads) * D, strideK = int64_t(kvHeads) * D;
  const int64_t origin = int64_t(batch) * queries * strideQ + head * D;
  q += origin;
  out += origin;
  dOut += origin;
  dQ += origin;
  k += int64_t(batch) * keys * strideK + kv * D;
  v += int64_t(batch) * keys * strideK + kv * D;
  lse += (int64_t(batch) * heads + head) * queries;
  delta += (int64_t(batch) * heads + head) * queries;
  if (RANGE) ranges = {ranges.first + int64_t(batch) * queries, ranges.last + int64_t(batch) * queries};
  const Spans spans = spans_of<RANGE>(ranges, first, queries, keys);
  const int begin = RANGE ? (spans.last < 0 ? 0 : spans.first / BLOCK) : 0, blocks = RANGE && spans.last < 0 ? 0 : spans.last / BLOCK + 1;
  if (RANGE && head == 0 && threadIdx.x == 0) noted[batch * gridDim.z + first / BLOCK] = make_int4(spans.first, spans.last, spans.allFirst, spans.allLast);
  const int lane = threadIdx.x & 31, warp = threadIdx.x / 32;
  const int row = first + warp * 16 + (lane >> 2);
  const float scale2 = scale * LOG2E;

  T::load(tileQ, q, strideQ, first, queries);
  T::load(tileD, dOut, strideQ, first, queries);
  T::load(stages, k, strideK, begin * BLOCK, keys);
  T::load(stages + T::BYTES, v, strideK, begin * BLOCK, keys);
  copy_commit();
  // A row outside gets an endless lse, so that its probabilities are 0.
  float shift[2], inner[2] = {0.f, 0.f};
#pragma unroll
  for (int half = 0; half < 2; half++) {
    const int query = row + half * 8;
    shift[half] = query < queries ? lse[query] * LOG2E : INFINITY;
    if (query >= queries) continue;
    const int64_t at = query * strideQ + (lane & 3) * 2;
#pragma unroll
    for (int t = 0; t < D / 8; t++) {
      const uint32_t o = *reinterpret_cast<const uint32_t*>(out + at + t * 8);
      const uint32_t d = *reinterpret_cast<const uint32_t*>(dOut + at + t * 8);
      inner[half] = fmaf(bf16_low(o), bf16_low(d), fmaf(bf16_high(o), bf16_high(d), inner[half]));
    }
  }
#pragma unroll
  for (int half = 0; half < 2; half++) {
    inner[half] = quad_sum(inner[half]);
    if ((lane & 3) == 0 && row + half * 8 < queries) delta[row + half * 8] = inner[half];
  }
  const Span seen[2] = {span_of<RANGE>(ranges, row, queries, keys), span_of<RANGE>(ranges, row + 8, queries, keys)};
  Left<D, D == 64> leftQ, leftD;
  float sum[D / 8][4];
  clear(sum);
  for (int block = begin; block < blocks; block++) {
    if (block + 1 < blocks) {
      const uint32_t next = stages + ((block + 1 - begin) & 1) * 2 * T::BYTES;
      T::load(next, k, strideK, (block + 1) * BLOCK, keys);
      T::load(next + T::BYTES, v, strideK, (block + 1) * BLOCK, keys);
    }
    copy_commit();
    copy_wait<1>();
    __syncthreads();
    if (block == begin) {
      leftQ.open(tileQ, warp * 16);
      leftD.open(tileD, warp * 16);
    }
    const uint32_t tileK = stages + ((block - begin) & 1) * 2 * T::BYTES;
    float s[8][4], d[8][4];
    times_rows(s, leftQ, tileK);
    times_rows(d, leftD, tileK + T::BYTES);
    const bool edge = !spans.covers(block * BLOCK);
#pragma unroll
    for (int t = 0; t < 8; t++) {
#pragma unroll
      for (int e = 0; e < 4; e++) {
        const int key = block * BLOCK + t * 8 + (lane & 3) * 2 + (e & 1);
        const float p = exp2_approx(fmaf(s[t][e], scale2, -shift[e >> 1]));
        const bool hidden = edge && seen[e >> 1].hides(key);
        s[t][e] = hidden ? 0.f : p * (d[t][e] - inner[e >> 1]);
      }
    }
    add_times<D>(sum, s, tileK);
    __syncthreads();
  }
#pragma unroll
  for (int half = 0; half < 2; half++) {
    if (row + half * 8 < queries) store_row<D>(dQ + (row + half * 8) * strideQ, sum, half, scale);
  }
}

// Everything turned round: rows are keys, columns are queries.
template <int D, bool RANGE>
__device__ __forceinline__ void key_gradient(const bf16* q, const bf16* k, const bf16* v, const float* lse, const float* delta,
                                             const bf16* dOut, bf16* dK, bf16* dV, float* partK, float* partV, Ranges ranges,
                                             const int4* noted, int queries, int keys, int heads, int kvHeads, float scale) {
  extern __shared__ __align__(128) char memory[];
  typedef Rows<D> T;
  static constexpr int STAGE = 2 * T::BYTES + (RANGE ? 4 : 2) * BLOCK * 4;   // Q, dOut, lse, delta, first and last key
  const uint32_t tileK = shared_address(memory), tileV = tileK + T::BYTES;
  const uint32_t stages = tileV + T::BYTES;
  const char* stageMemory = memory + 2 * T::BYTES;
  const int head = blockIdx.x, batch = blockIdx.y, first = blockIdx.z * BLOCK;
  const int group = heads / kvHeads, kv = head / group;
  const int64_t strideQ = int64_t(heads) * D, strideK = int64_t(kvHeads) * D;
  q += int64_t(batch) * queries * strideQ + head * D;
  dOut += int64_t(batch) * queries * strideQ + head * D;
  k += int64_t(batch) * keys * strideK + kv * D;
  v += int64_t(batch) * keys * strideK + kv * D;
  lse += (int64_t(batch) * heads + head) * queries;
  delta += (int64_t(batch) * heads + head) * queries;
  const int blocks = (queries + BLOCK - 1) / BLOCK;
  if (RANGE) {
    ranges = {ranges.first + int64_t(batch) * queries, ranges.last + int64_t(batch) * queries};
    noted += batch * blocks;
  }
  // The next block of queries, from `block` on, of which any sees a key of this block.
  const auto visible = [&](int block) {
    if (RANGE) {
      for (; block < blocks; block++) {
        const int4 x = noted[block];
        if (Spans{x.x, x.y, x.z, x.w}.meets(first)) break;
      }
    }
    return block;
  };
  const int begin = visible(RANGE ? 0 : blockIdx.z);
  const int lane = threadIdx.x & 31, warp = threadIdx.x / 32;
  const int row = first + warp * 16 + (lane >> 2);
  const float scale2 = scale * LOG2E;

  const auto load = [&](int block, int turn) {
    const uint32_t to = stages + turn * STAGE;
    T::load(to, q, strideQ, block * BLOCK, queries);
    T::load(to + T::BYTES, dOut, strideQ, block * BLOCK, queries);
    const int column = threadIdx.x & (BLOCK - 1), query = block * BLOCK + column;
    const float* from = (threadIdx.x < BLOCK ? lse : delta) + (query < queries ? query : 0);
    copy4_async(to + 2 * T::BYTES + threadIdx.x * 4, from, query < queries ? 4 : 0);
    if (RANGE) {
      const int* bound = (threadIdx.x < BLOCK ? ranges.first : ranges.last) + (query < queries ? query : 0);
      copy4_async(to + 2 * T::BYTES + (2 * BLOCK + threadIdx.x) * 4, bound, query < queries ? 4 : 0);
    }
  };
  T::load(tileK, k, strideK, first, keys);
  T::load(tileV, v, strideK, first, keys);
  if (begin < blocks) load(begin, 0);
  copy_commit();
  Left<D, D == 64> leftK, leftV;
  float sumK[D / 8][4], sumV[D / 8][4];
  clear(sumK);
  clear(sumV);
  int turn = 0;
  for (int block = begin, next; block < blocks; block = next, turn ^= 1) {
    next = visible(block + 1);
    if (next < blocks) load(next, turn ^ 1);
    copy_commit();
    copy_wait<1>();
    __syncthreads();
    if (block == begin) {
      leftK.open(tileK, warp * 16);
      leftV.open(tileV, warp * 16);
    }
    const uint32_t stage = turn * STAGE;
    const uint32_t tileQ = stages + stage, tileD = tileQ + T::BYTES;
    const float2* lses = reinterpret_cast<const float2*>(stageMemory + stage + 2 * T::BYTES);
    const float2* deltas = lses + BLOCK / 2;
    float s[8][4];
    times_rows(s, leftK, tileQ);
    const int2* firsts = reinterpret_cast<const int2*>(deltas + BLOCK / 2);
    const int2* lasts = firsts + BLOCK / 2;
    bool edge = block == begin || block == blocks - 1;
    if (RANGE) {
      const int4 x = noted[block];
      edge = !Spans{x.x, x.y, x.z, x.w}.covers(first);
    }
#pragma unroll
    for (int t = 0; t < 8; t++) {
      const float2 pair = lses[t * 4 + (lane & 3)];
#pragma unroll
      for (int e = 0; e < 4; e++) {
        const int query = block * BLOCK + t * 8 + (lane & 3) * 2 + (e & 1);
        const float p = exp2_approx(fmaf(s[t][e], scale2, -LOG2E * (e & 1 ? pair.y : pair.x)));
        const int key = row + (e >> 1) * 8;
        bool hidden = query < key;
        if (RANGE && edge) {
          const int2 from = firsts[t * 4 + (lane & 3)], to = lasts[t * 4 + (lane & 3)];
          hidden = key < (e & 1 ? from.y : from.x) || key > (e & 1 ? to.y : to.x);
        }
        s[t][e] = edge && (query >= queries || hidden) ? 0.f : p;
      }
    }
    add_times<D>(sumV, s, tileD);
    float d[8][4];
    times_rows(d, leftV, tileD);
#pragma unroll
    for (int t = 0; t < 8; t++) {
      const float2 pair = deltas[t * 4 + (lane & 3)];
#pragma unroll
      for (int e = 0; e < 4; e++) s[t][e] *= d[t][e] - (e & 1 ? pair.y : pair.x);
    }
    add_times<D>(sumK, s, tileQ);
    __syncthreads();
  }
#pragma unroll
  for (int half = 0; half < 2; half++) {
    const int key = row + half * 8;
    if (key >= keys) continue;
    if (group == 1) {
      const int64_t at = (int64_t(batch) * keys + key) * strideK + kv * D;
      store_row<D>(dK + at, sumK, half, scale);
      store_row<D>(dV + at, sumV, half, 1.f);
      continue;
    }
    const int64_t at = (int64_t(batch) * keys + key) * strideQ + head * D + (lane & 3) * 2;
#pragma unroll
    for (int t = 0; t < D / 8; t++) {
      *reinterpret_cast<float2*>(partK + at + t * 8) = make_float2(sumK[t][half * 2] * scale, sumK[t][half * 2 + 1] * scale);
      *reinterpret_cast<float2*>(partV + at + t * 8) = make_float2(sumV[t][half * 2], sumV[t][half * 2 + 1]);
    }
  }
}

// Blocks a multiprocessor holds at a time are what runs fastest on an H200; the last kernel would spill its sums with three.
#define ENTRIES(D, FORWARD_BLOCKS, DQ_BLOCKS, DKV_BLOCKS)                                                                      \
  extern "C" __global__ void __launch_bounds__(THREADS, FORWARD_BLOCKS)                                                        \
      attention_forward_##D(const bf16* q, const bf16* k, const bf16* v, bf16* out, float* lse, int queries, int keys,         \
                            int heads, int kvHeads, float scale) {                                                             \
    forward<D, false>(q, k, v, out, lse, {}, queries, keys, heads, kvHeads, scale);                                            \
  }                                                                                                                            \
  extern "C" __global__ void __launch_bounds__(THREADS, FORWARD_BLOCKS)                                                        \
      attention_forward_range_##D(const bf16* q, const bf16* k, const bf16* v, const int* first, const int* last, bf16* out,   \
                                  float* lse, int queries, int keys, int heads, int kvHeads, float scale) {                    \
    forward<D, true>(q, k, v, out, lse, {first, last}, queries, keys, heads, kvHeads, scale);                                  \
  }                                                                                                                            \
  extern "C" __global__ void __launch_bounds__(THREADS, DQ_BLOCKS)                                                             \
      attention_dq_##D(const bf16* q, const bf16* k, const bf16* v, const bf16* out, const float* lse, const bf16* dOut,       \
                       bf16* dQ, float* delta, int queries, int keys, int heads, int kvHeads, float scale) {                   \
    query_gradient<D, false>(q, k, v, out, lse, dOut, dQ, delta, {}, nullptr, queries, keys, heads, kvHeads, scale);           \
  }                                                                                                                            \
  extern "C" __global__ void __launch_bounds__(THREADS, DQ_BLOCKS)                                                             \
      attention_dq_range_##D(const bf16* q, const bf16* k, const bf16* v, const bf16* out, const float* lse, const bf16* dOut, \
                             const int* first, const int* last, bf16* dQ, float* delta, int4* spans, int queries, int keys,    \
                             int heads, int kvHeads, float scale) {                                                            \
    query_gradient<D, true>(q, k, v, out, lse, dOut, dQ, delta, {first, last}, spans, queries, keys, heads, kvHeads, scale);   \
  }                                                                                                                            \
  extern "C" __global__ void __launch_bounds__(THREADS, DKV_BLOCKS)                                                            \
      attention_dkv_##D(const bf16* q, const bf16* k, const bf16* v, const float* lse, const float* delta, const bf16* dOut,   \
                        bf16* dK, bf16* dV, float* partK, float* partV, int queries, int keys, int heads, int kvHeads,         \
                        float scale) {                                                                                         \
    key_gradient<D, false>(q, k, v, lse, delta, dOut, dK, dV, partK, partV, {}, nullptr, queries, keys, heads, kvHeads,        \
                           scale);                                                                                             \
  }                                                                                                                            \
  extern "C" __global__ void __launch_bounds__(THREADS, DKV_BLOCKS)                                                            \
      attention_dkv_range_##D(const bf16* q, const bf16* k, const bf16* v, const float* lse, const float* delta,               \
                              const bf16* dOut, const int* first, const int* last, const int4* spans, bf16* dK, bf16* dV,      \
                              float* partK, float* partV, int queries, int keys, int heads, int kvHeads, float scale) {        \
    key_gradient<D, true>(q, k, v, lse, delta, dOut, dK, dV, partK, partV, {first, last}, spans, queries, keys, heads,         \
                          kvHeads, scale);                                                                                     \
  }

ENTRIES(64, 4, 3, 2)
ENTRIES(128, 2, 2, 2)

// dK and dV from the shares of their group's heads, added in order. grid (`fours` / 256, 2), a thread four elements
extern "C" __global__ void __launch_bounds__(256)
    attention_group_sum(const float* partK, const float* partV, bf16* dK, bf16* dV, uint32_t fours, int group, int headDim) {
  const uint32_t i = blockIdx.x * 256 + threadIdx.x;
  if (i >= fours) return;
  const uint32_t width = headDim / 4;
  const float4* from = reinterpret_cast<const float4*>(blockIdx.y ? partV : partK) + int64_t(i / width) * group * width + i % width;
  float4 sum = from[0];
  for (int g = 1; g < group; g++) {
    const float4 x = from[g * width];
    sum = make_float4(sum.x + x.x, sum.y + x.y, sum.z + x.z, sum.w + x.w);
  }
  reinterpret_cast<uint2*>(blockIdx.y ? dV : dK)[i] = make_uint2(pack_bf16(sum.x, sum.y), pack_bf16(sum.z, sum.w));
}
