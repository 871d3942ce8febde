import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { AppError } from '../../../../shared/lib/app-error.ts';
import type { CudaContext } from './driver/context.ts';
import type { DriverLibrary } from './driver/library.ts';
import type { CudaModule, KernelFunction } from './driver/module.ts';
import { encodeTensorMap, hasTensorMaps, type TensorMapSpec } from './driver/tensor-map.ts';
import { kernelManifestSchema } from './kernel-manifest.ts';
import type { KernelFile, KernelImage, KernelManifest } from './kernel-manifest.ts';

/** Bound for a manifest or one unpacked image: far above what is shipped. */
const MAX_IMAGE_BYTES = 64 * 1024 * 1024;

/** The written kernels, loaded from the best image this card and driver take. */
export class KernelLibrary implements Disposable {
  readonly manifest: KernelManifest;
  /** Source name -> image that was loaded, e.g. `gemm-bf16.cu` -> `sm_90a` or `compute_80` (compiled by the driver). */
  readonly loaded: ReadonlyMap<string, string>;
  /** Why better images were passed over, one sentence each; empty as a rule. */
  readonly notes: readonly string[];
  readonly #driver: DriverLibrary;
  readonly #modules: ReadonlyMap<string, CudaModule>;

  constructor(
    driver: DriverLibrary,
    manifest: KernelManifest,
    modules: ReadonlyMap<string, CudaModule>,
    loaded: ReadonlyMap<string, string>,
    notes: readonly string[],
  ) {
    this.#driver = driver;
    this.manifest = manifest;
    this.loaded = loaded;
    this.notes = notes;
    this.#modules = modules;
  }

  /** @throws AppError `CUDA-KERNEL` when no loaded source has the entry point */
  function(name: string): KernelFunction {
    const file = this.manifest.files.find((candidate) => candidate.entries.some((entry) => entry.name === name));
    const module = file === undefined ? undefined : this.#modules.get(file.source);
    if (module === undefined) throw new AppError({ code: 'CUDA-KERNEL', message: `No loaded kernel is named ${name}.` });
    return module.function(name);
  }

  has(source: string): boolean {
    return this.#modules.has(source);
  }

  tensorMap(spec: TensorMapSpec): Uint8Array {
    return encodeTensorMap(this.#driver, spec);
  }

  dispose(): void {
    for (const module of this.#modules.values()) module.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/**
 * The images of a source that a card can run, best first: machine code of its own generation (the `a` form only on
 * exactly that card, others also on later minors of the same major), then PTX.
 * @param computeCapability major * 10 + minor
 */
export function imageOrder(file: KernelFile, computeCapability: number): readonly KernelImage[] {
  const scored = file.images.flatMap((image) => {
    const match = /^(sm|compute)_(\d+)(a?)$/.exec(image.target);
    if (match === null) return [];
    const [, kind, digits, exact] = match;
    const built = Number(digits);
    if (kind === 'compute') return built <= computeCapability ? [{ image, score: 0 }] : [];
    const sameMajor = Math.floor(built / 10) === Math.floor(computeCapability / 10);
    const runs = exact === 'a' ? built === computeCapability : sameMajor && built <= computeCapability;
    return runs ? [{ image, score: built * 2 + (exact === 'a' ? 1 : 0) }] : [];
  });
  return scored.sort((x, y) => y.score - x.score).map(({ image }) => image);
}

/**
 * Loads the written kernels for the context's card.
 * @param folder `resources/kernels`
 * @param sources only these, e.g. `['gemm-bf16.cu']`; all by default
 * @throws AppError `CUDA-KERNELS` when no image of a source loads, with every reason
 */
export function loadKernels(context: CudaContext, folder: string, sources?: readonly string[]): KernelLibrary {
  const manifest = kernelManifestSchema.parse(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')));
  const modules = new Map<string, CudaModule>();
  const loaded = new Map<string, string>();
  const notes: string[] = [];
  for (const file of manifest.files) {
    if (sources !== undefined && !sources.includes(file.source)) continue;
    if (isForOneGeneration(file) && !suits(context, file)) continue;
    const found = loadFile(context, folder, file, notes);
    modules.set(file.source, found.module);
    loaded.set(file.source, found.image.target);
  }
  return new KernelLibrary(context.driver, manifest, modules, loaded, notes);
}

/** Without PTX, a source serves the cards that its images name and others do without it. */
export function isForOneGeneration(file: KernelFile): boolean {
  return file.images.every(({ target }) => !target.startsWith('compute'));
}

function suits({ driver, facts }: CudaContext, file: KernelFile): boolean {
  return hasTensorMaps(driver) && imageOrder(file, facts.computeCapability).length > 0;
}

function loadFile(
  context: CudaContext,
  folder: string,
  file: KernelFile,
  notes: string[],
): { readonly module: CudaModule; readonly image: KernelImage } {
  const reasons: string[] = [];
  for (const image of imageOrder(file, context.facts.computeCapability)) {
    const content = readImage(folder, image);
    try {
      const isText = image.target.startsWith('compute');
      return { module: context.module(isText ? content.toString('utf8') : content, image.file), image };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      reasons.push(error.message);
      notes.push(`${image.file} was passed over: ${error.message}`);
    }
  }
  throw new AppError({
    code: 'CUDA-KERNELS',
    message: `No build of ${file.source} loads on ${context.facts.name}: ${reasons.join(' ') || 'none fits this card'}`,
    remedy: 'Update the NVIDIA display driver.',
  });
}

function readImage(folder: string, image: KernelImage): Buffer {
  const content = gunzipSync(readFileSync(join(folder, image.file)), { maxOutputLength: MAX_IMAGE_BYTES });
  if (createHash('sha256').update(content).digest('hex') === image.sha256) return content;
  throw new AppError({
    code: 'CUDA-KERNEL-FILE',
    message: `The kernel file ${image.file} differs from the one its manifest describes.`,
    remedy: 'Reinstall the application, or run the kernel build again.',
  });
}
