import { AppError } from '../../../../../shared/lib/app-error.ts';
import { DriverLibrary } from './library.ts';
import { STATUS, hintFor } from './status.ts';

/** Lowest driver CUDA version, major * 1000 + minor * 10: the calls of library.ts exist from 11.4 on, our PTX (7.1) from 11.1. */
export const MINIMUM_DRIVER_CUDA = 11_040;
/** Tensor cores with bf16 and cp.async start with compute capability 8.0. */
export const MINIMUM_COMPUTE_CAPABILITY = 80;

export interface DeviceFacts {
  readonly ordinal: number;
  readonly name: string;
  /** Hexadecimal, 32 digits: names this very card across restarts. */
  readonly uuid: string;
  /** major * 10 + minor: 80, 86, 89, 90, 120. */
  readonly computeCapability: number;
  readonly totalBytes: number;
  readonly multiprocessors: number;
  readonly l2Bytes: number;
  /** Most dynamic shared memory one block may opt into, bytes. */
  readonly maxSharedBytesPerBlock: number;
  readonly maxSharedBytesPerMultiprocessor: number;
  readonly clockKhz: number;
  readonly memoryClockKhz: number;
  readonly memoryBusBits: number;
  readonly integrated: boolean;
  /** CUDA version the driver supports, e.g. 13000 for 13.0. */
  readonly driverCuda: number;
}

export type NoDeviceKind = 'no-driver' | 'no-device' | 'old-driver' | 'unsupported-device' | 'driver-error';

/** Why there is no CUDA device: a sentence for a person, and what to do. */
export interface NoDeviceReason {
  readonly kind: NoDeviceKind;
  readonly message: string;
  readonly remedy: string | undefined;
}

export type OpenDeviceResult =
  | { readonly ok: true; readonly driver: DriverLibrary; readonly facts: DeviceFacts }
  | { readonly ok: false; readonly reason: NoDeviceReason };

// CUdevice_attribute (cuda.h)
const ATTRIBUTE = {
  clockRate: 13,
  multiprocessors: 16,
  integrated: 18,
  memoryClockRate: 36,
  memoryBusWidth: 37,
  l2Size: 38,
  capabilityMajor: 75,
  capabilityMinor: 76,
  sharedPerMultiprocessor: 81,
  sharedPerBlockOptin: 97,
} as const;

/**
 * Looks for an NVIDIA GPU that this engine can use. Never throws for a missing or unfit one: says why instead.
 * Creates no context and takes no GPU memory (that is `CudaContext.open`).
 * @param ordinal which card, in the driver's order
 * @param libraryNames driver files to try; the platform's by default
 */
export function openDevice(ordinal = 0, libraryNames?: readonly string[]): OpenDeviceResult {
  let driver: DriverLibrary;
  try {
    driver = DriverLibrary.load(libraryNames);
  } catch (error) {
    return refusal(error);
  }
  const unfit = explainInit(driver.cu.cuInit(0), driver);
  if (unfit !== undefined) return { ok: false, reason: unfit };
  try {
    return describe(driver, ordinal);
  } catch (error) {
    return refusal(error);
  }
}

/** Every card the driver shows, usable or not; empty when there is no driver. */
export function listDevices(libraryNames?: readonly string[]): readonly OpenDeviceResult[] {
  const first = openDevice(0, libraryNames);
  if (!first.ok) return first.reason.kind === 'unsupported-device' ? [first] : [];
  const count = readInt(first.driver, 'cuDeviceGetCount', (out) => first.driver.cu.cuDeviceGetCount(out));
  return [first, ...Array.from({ length: count - 1 }, (_, index) => openDevice(index + 1, libraryNames))];
}

function refusal(error: unknown): OpenDeviceResult {
  if (!(error instanceof AppError)) throw error;
  const kinds: Readonly<Record<string, NoDeviceKind>> = { 'CUDA-NO-DRIVER': 'no-driver', 'CUDA-OLD-DRIVER': 'old-driver' };
  const kind = kinds[error.code] ?? 'driver-error';
  return { ok: false, reason: { kind, message: error.message, remedy: error.remedy } };
}

/** The reason a status of cuInit stands for; undefined when it is success. */
export function explainInit(status: number, driver?: DriverLibrary): NoDeviceReason | undefined {
  if (status === STATUS.success) return undefined;
  const remedy = hintFor(status);
  if (status === STATUS.noDevice || status === STATUS.invalidDevice) {
    return { kind: 'no-device', message: 'The NVIDIA driver is installed, but it shows no GPU.', remedy };
  }
  if (status === STATUS.stubLibrary) {
    const message = 'The NVIDIA driver found is the build stub of a CUDA toolkit, not a driver.';
    return { kind: 'no-driver', message, remedy: 'Install the NVIDIA display driver.' };
  }
  const file = driver === undefined ? '' : ` (${driver.file})`;
  return { kind: 'driver-error', message: `The NVIDIA driver${file} did not start: cuInit gave error ${status}.`, remedy };
}

/** The reason a device or driver is too old; undefined when both will do. */
export function explainTooOld(name: string, computeCapability: number, driverCuda: number): NoDeviceReason | undefined {
  const version = (value: number): string => `${Math.floor(value / 1000)}.${Math.floor((value % 1000) / 10)}`;
  if (driverCuda < MINIMUM_DRIVER_CUDA) {
    const message = `The NVIDIA driver supports CUDA ${version(driverCuda)}; ${version(MINIMUM_DRIVER_CUDA)} is needed.`;
    return { kind: 'old-driver', message, remedy: 'Update the NVIDIA display driver to 470 or newer.' };
  }
  if (computeCapability < MINIMUM_COMPUTE_CAPABILITY) {
    const has = (computeCapability / 10).toFixed(1);
    const message = `${name} has compute capability ${has}; 8.0 (RTX 30 series, A100 or newer) is needed.`;
    return { kind: 'unsupported-device', message, remedy: undefined };
  }
  return undefined;
}

function readInt(driver: DriverLibrary, call: string, run: (out: Int32Array) => number): number {
  const out = new Int32Array(1);
  driver.check(call, run(out));
  return out[0]!;
}

function describe(driver: DriverLibrary, ordinal: number): OpenDeviceResult {
  const { cu } = driver;
  const driverCuda = readInt(driver, 'cuDriverGetVersion', (out) => cu.cuDriverGetVersion(out));
  const count = readInt(driver, 'cuDeviceGetCount', (out) => cu.cuDeviceGetCount(out));
  if (ordinal >= count) {
    const message = `GPU ${ordinal} does not exist: the NVIDIA driver shows ${count}.`;
    return { ok: false, reason: { kind: 'no-device', message, remedy: hintFor(STATUS.noDevice) } };
  }
  const facts = readFacts(driver, ordinal, driverCuda);
  const tooOld = explainTooOld(facts.name, facts.computeCapability, driverCuda);
  return tooOld === undefined ? { ok: true, driver, facts } : { ok: false, reason: tooOld };
}

function readFacts(driver: DriverLibrary, ordinal: number, driverCuda: number): DeviceFacts {
  const { cu } = driver;
  const device = readInt(driver, 'cuDeviceGet', (out) => cu.cuDeviceGet(out, ordinal));
  const attribute = (key: keyof typeof ATTRIBUTE): number =>
    readInt(driver, `cuDeviceGetAttribute(${key})`, (out) => cu.cuDeviceGetAttribute(out, ATTRIBUTE[key], device));
  const name = Buffer.alloc(256);
  driver.check('cuDeviceGetName', cu.cuDeviceGetName(name, name.length, device));
  const uuid = Buffer.alloc(16);
  driver.check('cuDeviceGetUuid', cu.cuDeviceGetUuid(uuid, device));
  const total = new BigUint64Array(1);
  driver.check('cuDeviceTotalMem', cu.cuDeviceTotalMem_v2(total, device));
  return {
    ordinal,
    name: name.toString('utf8', 0, Math.max(0, name.indexOf(0))),
    uuid: uuid.toString('hex'),
    computeCapability: attribute('capabilityMajor') * 10 + attribute('capabilityMinor'),
    totalBytes: Number(total[0]!),
    multiprocessors: attribute('multiprocessors'),
    l2Bytes: attribute('l2Size'),
    maxSharedBytesPerBlock: attribute('sharedPerBlockOptin'),
    maxSharedBytesPerMultiprocessor: attribute('sharedPerMultiprocessor'),
    clockKhz: attribute('clockRate'),
    memoryClockKhz: attribute('memoryClockRate'),
    memoryBusBits: attribute('memoryBusWidth'),
    integrated: attribute('integrated') !== 0,
    driverCuda,
  };
}
