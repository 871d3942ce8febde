// A driver library for tests on machines without a GPU: it keeps "device" memory on the heap, remembers the last launch
// and can be told to fail. Compiled by driver.test.ts; never shipped.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define API __attribute__((visibility("default"))) int
typedef uint64_t H;

static unsigned char last[4096];
static int launches, captured, capturing;
// The test's control block: [0] cuInit's status, [1] driver version, [2] compute major, [3] module load status, [4] copied bytes
static int control[8] = {0, 13000, 9, 0, 0};
API fakeControl(int key, int value) { control[key] = value; return 0; }
API fakeLaunches(void) { return launches; }
API fakeLast(unsigned char* out, int bytes) { memcpy(out, last, bytes); return 0; }

API cuInit(uint32_t flags) { return control[0]; }
API cuDriverGetVersion(int* v) { *v = control[1]; return 0; }
API cuGetErrorName(int s, const char** out) { *out = s == 2 ? "CUDA_ERROR_OUT_OF_MEMORY" : "CUDA_ERROR_FAKE"; return s == 99999; }
API cuGetErrorString(int s, const char** out) { *out = s == 2 ? "out of memory" : "a fake error"; return 0; }
API cuDeviceGetCount(int* n) { *n = 1; return 0; }
API cuDeviceGet(int* d, int i) { *d = i; return 0; }
API cuDeviceGetName(char* out, int n, int d) { strncpy(out, "Fake GPU", n); return 0; }
API cuDeviceGetUuid(char* out, int d) { memset(out, 0xab, 16); return 0; }
API cuDeviceGetAttribute(int* out, int key, int d) { *out = key == 75 ? control[2] : key == 76 ? 0 : key; return 0; }
API cuDeviceTotalMem_v2(size_t* out, int d) { *out = 1ull << 37; return 0; }
API cuDevicePrimaryCtxRetain(H* out, int d) { *out = 0x1234; return 0; }
API cuDevicePrimaryCtxRelease_v2(int d) { return 0; }
API cuCtxSetCurrent(H c) { return c == 0x1234 ? 0 : 201; }
API cuCtxSynchronize(void) { return 0; }
API cuMemGetInfo_v2(size_t* f, size_t* t) { *f = 1ull << 36; *t = 1ull << 37; return 0; }
API cuMemAlloc_v2(H* out, size_t n) { if (n > 1u << 30) return 2; *out = (H)malloc(n); return 0; }
API cuMemFree_v2(H p) { free((void*)p); return 0; }
API cuMemHostRegister_v2(void* p, size_t n, uint32_t f) { return p == 0; }
API cuMemHostUnregister(void* p) { return p == 0; }
API cuMemcpyHtoD_v2(H d, const void* s, size_t n) { memcpy((void*)d, s, n); return 0; }
API cuMemcpyDtoH_v2(void* d, H s, size_t n) { memcpy(d, (void*)s, n); return 0; }
API cuMemcpyHtoDAsync_v2(H d, const void* s, size_t n, H st) { memcpy((void*)d, s, n); return 0; }
API cuMemcpyDtoHAsync_v2(void* d, H s, size_t n, H st) { memcpy(d, (void*)s, n); return 0; }
API cuMemcpyDtoDAsync_v2(H d, H s, size_t n, H st) { memcpy((void*)d, (void*)s, n); return 0; }
API cuMemsetD8Async(H d, uint8_t v, size_t n, H st) { memset((void*)d, v, n); return 0; }
API cuMemsetD32Async(H d, uint32_t v, size_t n, H st) { for (size_t i = 0; i < n; i++) ((uint32_t*)d)[i] = v; return 0; }
API cuModuleLoadDataEx(H* out, const void* image, uint32_t n, const int* options, void** values) {
  *out = 7;
  if (control[3] == 0) return 0;
  if (n == 2 && options[0] == 5 && options[1] == 6) strncpy(values[0], "ptxas fake, line 3: bad", (size_t)values[1]);
  return control[3];
}
API cuModuleUnload(H m) { return m != 7; }
API cuModuleGetFunction(H* out, H m, const char* name) { *out = 8; return strcmp(name, "missing") ? 0 : 500; }
API cuModuleGetGlobal_v2(H* p, size_t* n, H m, const char* name) { *p = 64; *n = 16; return 0; }
API cuFuncGetAttribute(int* out, int key, H f) { *out = key * 10; return 0; }
API cuFuncSetAttribute(H f, int key, int value) { return key != 8; }
API cuOccupancyMaxActiveBlocksPerMultiprocessor(int* out, H f, int threads, size_t bytes) { *out = 2048 / threads; return 0; }
API cuLaunchKernel(H f, uint32_t gx, uint32_t gy, uint32_t gz, uint32_t bx, uint32_t by, uint32_t bz, uint32_t shared, H st,
                   void** params, void** extra) {
  // Arguments by address: the fake kernel has two, of 128 and 8 bytes.
  if (params && !extra && f == 8) {
    memcpy(last, params[0], 128);
    memcpy(last + 128, params[1], 8);
    return 0;
  }
  if (f != 8 || st != 9 || params || (H)extra[0] != 1 || (H)extra[2] != 2 || extra[4]) return 1;
  uint32_t head[8] = {gx, gy, gz, bx, by, bz, shared, (uint32_t) * (size_t*)extra[3]};
  memcpy(last, head, sizeof head);
  memcpy(last + sizeof head, extra[1], head[7]);
  if (capturing) captured++; else launches++;
  return 0;
}
// A descriptor by its arguments, refused as the driver does where the address is not a multiple of 64.
API cuTensorMapEncodeTiled(uint64_t* out, int type, uint32_t rank, H address, const uint64_t* sizes, const uint64_t* strides,
                           const uint32_t* box, const uint32_t* steps, int interleave, int swizzle, int promotion, int fill) {
  if ((H)out % 64 || rank != 2 || strides[0] % 16 || address % 16 || steps[0] != 1 || steps[1] != 1) return 1;
  uint64_t words[16] = {type, address, sizes[0], sizes[1], strides[0], box[0], box[1], interleave, swizzle, promotion, fill};
  memcpy(out, words, sizeof words);
  return 0;
}
API cuStreamCreate(H* out, uint32_t f) { *out = 9; return f != 1; }
API cuStreamDestroy_v2(H s) { return 0; }
API cuStreamSynchronize(H s) { return 0; }
API cuStreamQuery(H s) { static int asked; return asked++ % 3 == 2 ? 0 : 600; }
API cuStreamWaitEvent(H s, H e, uint32_t f) { return 0; }
API cuStreamBeginCapture_v2(H s, int mode) { capturing = 1; captured = 0; return mode != 1; }
API cuStreamEndCapture(H s, H* g) { capturing = 0; *g = 10; return 0; }
API cuEventCreate(H* out, uint32_t f) { *out = 11; return 0; }
API cuEventDestroy_v2(H e) { return 0; }
API cuEventRecord(H e, H s) { return 0; }
API cuEventQuery(H e) { return 0; }
API cuEventSynchronize(H e) { return 0; }
API cuEventElapsedTime(float* ms, H a, H b) { *ms = 1.5f; return 0; }
API cuGraphGetNodes(H g, H* nodes, size_t* n) { *n = captured; return 0; }
API cuGraphInstantiate_v2(H* out, H g, H* node, char* log, size_t n) { *out = 12; return 0; }
API cuGraphLaunch(H g, H s) { launches += captured; return g != 12; }
API cuGraphDestroy(H g) { return 0; }
API cuGraphExecDestroy(H g) { return 0; }
