import { z } from 'zod';

/** One entry point, as its PTX declares it. */
const entry = z.object({
  name: z.string(),
  /** PTX types in order; a struct passed by value is `b8[bytes]`. */
  params: z.array(z.string()),
  /** Bytes of the packed parameters. */
  paramBytes: z.number(),
  /** Threads a block, when the source fixes them. */
  threads: z.number().optional(),
});

const image = z.object({
  /** `sm_<n>` machine code, or `compute_80` PTX. */
  target: z.string(),
  file: z.string(),
  /** Size as shipped (gzip). */
  bytes: z.number(),
  /** Of the content, unpacked. */
  sha256: z.string(),
});

const file = z.object({
  source: z.string(),
  /** Of the source and every header beside it: a test compares it. */
  sha256: z.string(),
  images: z.array(image),
  entries: z.array(entry),
});

/** `resources/kernels/manifest.json`, written by scripts/build-kernels.ts. */
export const kernelManifestSchema = z.object({
  toolkit: z.string(),
  ptxVersion: z.string(),
  /** Lowest CUDA version of the driver that loads each kind of image. */
  minimumDriver: z.object({ cubin: z.string(), ptx: z.string() }),
  /** Parameter structs of the headers: [field, type] in order. */
  structs: z.record(z.string(), z.array(z.tuple([z.string(), z.string()]))),
  files: z.array(file),
});

export type KernelManifest = z.infer<typeof kernelManifestSchema>;
export type KernelFile = z.infer<typeof file>;
export type KernelImage = z.infer<typeof image>;
export type KernelEntry = z.infer<typeof entry>;
