import koffi, { type LibraryHandle } from 'koffi';
import { AppError } from '../../../../../shared/lib/app-error.ts';
import { hintFor } from './status.ts';

/** What may cross the FFI edge. Handles, device pointers and sizes are 64-bit, so `bigint`; host memory is a view. */
type FfiValue = number | bigint | string | ArrayBufferView | null;

const HANDLE = 'uint64_t';
const HOST = 'void *';

// Symbol -> parameter types; every call returns CUresult. Names are the exported (versioned) symbols of CUDA 11.4 or
// older, which drivers keep exporting for old programs; `optional` ones may be absent.
const SIGNATURES = {
  cuInit: ['uint32_t'],
  cuDriverGetVersion: [HOST],
  cuGetErrorName: ['int', HOST],
  cuGetErrorString: ['int', HOST],
  cuDeviceGetCount: [HOST],
  cuDeviceGet: [HOST, 'int'],
  cuDeviceGetName: [HOST, 'int', 'int'],
  cuDeviceGetUuid: [HOST, 'int'],
  cuDeviceGetAttribute: [HOST, 'int', 'int'],
  cuDeviceTotalMem_v2: [HOST, 'int'],
  cuDevicePrimaryCtxRetain: [HOST, 'int'],
  cuDevicePrimaryCtxRelease_v2: ['int'],
  cuCtxSetCurrent: [HANDLE],
  cuCtxSynchronize: [],
  cuMemGetInfo_v2: [HOST, HOST],
  cuMemAlloc_v2: [HOST, HANDLE],
  cuMemFree_v2: [HANDLE],
  cuMemHostRegister_v2: [HOST, HANDLE, 'uint32_t'],
  cuMemHostUnregister: [HOST],
  cuMemcpyHtoD_v2: [HANDLE, HOST, HANDLE],
  cuMemcpyDtoH_v2: [HOST, HANDLE, HANDLE],
  cuMemcpyHtoDAsync_v2: [HANDLE, HOST, HANDLE, HANDLE],
  cuMemcpyDtoHAsync_v2: [HOST, HANDLE, HANDLE, HANDLE],
  cuMemcpyDtoDAsync_v2: [HANDLE, HANDLE, HANDLE, HANDLE],
  cuMemsetD8Async: [HANDLE, 'uint8_t', HANDLE, HANDLE],
  cuMemsetD32Async: [HANDLE, 'uint32_t', HANDLE, HANDLE],
  cuModuleLoadDataEx: [HOST, HOST, 'uint32_t', HOST, HOST],
  cuModuleUnload: [HANDLE],
  cuModuleGetFunction: [HOST, HANDLE, 'const char *'],
  cuModuleGetGlobal_v2: [HOST, HOST, HANDLE, 'const char *'],
  cuFuncGetAttribute: [HOST, 'int', HANDLE],
  cuFuncSetAttribute: [HANDLE, 'int', 'int'],
  cuOccupancyMaxActiveBlocksPerMultiprocessor: [HOST, HANDLE, 'int', HANDLE],
  // f, grid xyz, block xyz, dynamic shared bytes, stream, kernelParams (unused: 0), extra (packed parameters)
  cuLaunchKernel: [HANDLE, 'uint32_t', 'uint32_t', 'uint32_t', 'uint32_t', 'uint32_t', 'uint32_t', 'uint32_t', HANDLE, HANDLE, HANDLE],
  cuStreamCreate: [HOST, 'uint32_t'],
  cuStreamDestroy_v2: [HANDLE],
  cuStreamSynchronize: [HANDLE],
  cuStreamQuery: [HANDLE],
  cuStreamWaitEvent: [HANDLE, HANDLE, 'uint32_t'],
  cuStreamBeginCapture_v2: [HANDLE, 'int'],
  cuStreamEndCapture: [HANDLE, HOST],
  cuEventCreate: [HOST, 'uint32_t'],
  cuEventDestroy_v2: [HANDLE],
  cuEventRecord: [HANDLE, HANDLE],
  cuEventQuery: [HANDLE],
  cuEventSynchronize: [HANDLE],
  cuEventElapsedTime: [HOST, HANDLE, HANDLE],
  cuGraphGetNodes: [HANDLE, HOST, HOST],
  cuGraphLaunch: [HANDLE, HANDLE],
  cuGraphDestroy: [HANDLE],
  cuGraphExecDestroy: [HANDLE],
} as const satisfies Record<string, readonly string[]>;

const OPTIONAL_SIGNATURES = {
  cuGraphInstantiateWithFlags: [HOST, HANDLE, HANDLE],
  cuGraphInstantiate_v2: [HOST, HANDLE, HOST, HOST, HANDLE],
  cuGraphUpload: [HANDLE, HANDLE],
  // CUDA 12: out, type, rank, address, sizes, strides, box, element strides, interleave, swizzle, L2 promotion, fill
  cuTensorMapEncodeTiled: [HANDLE, 'int', 'uint32_t', HANDLE, HOST, HOST, HOST, HOST, 'int', 'int', 'int', 'int'],
} as const satisfies Record<string, readonly string[]>;

type Call = (...args: readonly FfiValue[]) => number;
export type DriverCalls = Readonly<Record<keyof typeof SIGNATURES, Call>> & Readonly<Partial<Record<keyof typeof OPTIONAL_SIGNATURES, Call>>>;

/** File names the display driver installs, by platform. */
export function driverLibraryNames(platform: NodeJS.Platform = process.platform): readonly string[] {
  if (platform === 'win32') return ['nvcuda.dll'];
  // The second name is where WSL2 puts it when the loader's path lacks that folder.
  return platform === 'linux' ? ['libcuda.so.1', '/usr/lib/wsl/lib/libcuda.so.1'] : [];
}

/** The loaded driver library: raw calls in `cu`, and the one place that turns a status into an error. */
export class DriverLibrary {
  readonly cu: DriverCalls;
  readonly file: string;

  private constructor(file: string, cu: DriverCalls) {
    this.file = file;
    this.cu = cu;
  }

  /**
   * Loads the first of `names` that exists.
   * @throws AppError `CUDA-NO-DRIVER` when none loads, `CUDA-OLD-DRIVER` when a required symbol is missing.
   */
  static load(names: readonly string[] = driverLibraryNames()): DriverLibrary {
    const reasons: string[] = [];
    for (const name of names) {
      let handle: LibraryHandle;
      try {
        handle = koffi.load(name);
      } catch (cause) {
        reasons.push(`${name}: ${cause instanceof Error ? cause.message : String(cause)}`);
        continue;
      }
      return new DriverLibrary(name, bindCalls(name, handle));
    }
    // A library that is there and does not load is worth its own words; that it is not there is said once.
    const absent = reasons.every((reason) => /no such file|cannot find|could not be found/i.test(reason));
    const tried = absent ? `looked for ${names.join(', ')}` : reasons.join('; ');
    throw new AppError({
      code: 'CUDA-NO-DRIVER',
      message: `No NVIDIA driver was found on this computer (${names.length === 0 ? 'none exists for this system' : tried}).`,
      data: { reasons },
      remedy: 'Install the NVIDIA display driver.',
    });
  }

  /**
   * Throws when `status` is not CUDA_SUCCESS.
   * @param call the driver call, with what it was about, e.g. `cuMemAlloc(1024 bytes)`
   * @throws AppError `CUDA-DRIVER-<status>` with the driver's own name and text for the error
   */
  check(call: string, status: number): void {
    if (status === 0) return;
    const name = this.errorText('cuGetErrorName', status) ?? `error ${status}`;
    const text = this.errorText('cuGetErrorString', status) ?? 'the driver has no text for it';
    throw new AppError({
      code: `CUDA-DRIVER-${status}`,
      message: `${call} failed: ${name} (${status}): ${text}.`,
      data: { call, status, name },
      remedy: hintFor(status),
    });
  }

  private errorText(call: 'cuGetErrorName' | 'cuGetErrorString', status: number): string | undefined {
    const out = new BigUint64Array(1);
    if (this.cu[call](status, out) !== 0 || out[0] === 0n) return undefined;
    return koffi.decode.string(out[0]);
  }
}

function bindCalls(file: string, handle: LibraryHandle): DriverCalls {
  const calls: Record<string, Call> = {};
  for (const [name, parameters] of Object.entries(SIGNATURES)) {
    try {
      calls[name] = handle.func(name, 'int', [...parameters]) as Call;
    } catch (cause) {
      throw new AppError(
        {
          code: 'CUDA-OLD-DRIVER',
          message: `The NVIDIA driver (${file}) has no ${name}, so it is older than CUDA 11.4 (driver 470).`,
          remedy: 'Update the NVIDIA display driver.',
        },
        cause,
      );
    }
  }
  for (const [name, parameters] of Object.entries(OPTIONAL_SIGNATURES)) {
    try {
      calls[name] = handle.func(name, 'int', [...parameters]) as Call;
    } catch {
      // Optional: callers test for `undefined` and take the older call.
      continue;
    }
  }
  return calls as unknown as DriverCalls;
}
