/** CUresult values this code reacts to (cuda.h). */
export const STATUS = {
  success: 0,
  invalidValue: 1,
  outOfMemory: 2,
  stubLibrary: 34,
  noDevice: 100,
  invalidDevice: 101,
  invalidImage: 200,
  noBinaryForGpu: 209,
  unsupportedPtxVersion: 222,
  invalidPtx: 218,
  notFound: 500,
  notReady: 600,
  illegalAddress: 700,
  launchOutOfResources: 701,
  launchTimeout: 702,
  launchFailed: 719,
  systemNotReady: 802,
  driverMismatch: 803,
  compatNotSupported: 804,
  captureUnsupported: 900,
  captureInvalidated: 901,
} as const;

const STICKY = 'The CUDA context is lost: the engine process has to be restarted. Please report this as a bug.';

const HINTS: Readonly<Record<number, string>> = {
  [STATUS.invalidValue]: 'An argument is out of range; for a launch, compare grid, block and parameter bytes with the kernel.',
  [STATUS.outOfMemory]: 'The GPU has too little free memory: close other programs that use it, or choose a smaller batch or length.',
  [STATUS.noDevice]: 'No NVIDIA GPU is visible; check that it is enabled and that CUDA_VISIBLE_DEVICES does not hide it.',
  [STATUS.noBinaryForGpu]: 'No kernel was built for this GPU; the PTX fallback should have been loaded instead.',
  [STATUS.unsupportedPtxVersion]: 'The driver is older than the PTX of this kernel: update the NVIDIA display driver.',
  [STATUS.invalidPtx]: 'The driver could not compile the kernel text; its log says which line.',
  [STATUS.illegalAddress]: STICKY,
  [STATUS.launchOutOfResources]: 'The kernel needs more registers or shared memory than this GPU gives a block.',
  [STATUS.launchTimeout]: 'The display driver stopped a kernel that ran too long (Windows TDR): use smaller batches.',
  [STATUS.launchFailed]: STICKY,
  [STATUS.systemNotReady]: 'The driver is still starting or a required service is down; wait, or restart the computer.',
  [STATUS.driverMismatch]: 'The driver was updated while running: restart the computer.',
  [STATUS.captureUnsupported]: 'This call is not allowed while a graph is captured.',
  [STATUS.captureInvalidated]: 'An earlier call broke the graph capture; the first error is the cause.',
};

/** What a person can do about a status, when something can be said. */
export function hintFor(status: number): string | undefined {
  return HINTS[status];
}
