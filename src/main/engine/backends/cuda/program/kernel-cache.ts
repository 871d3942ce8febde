import { PTX_HEADER } from '../codegen/kernel-text.ts';
import type { CudaContext } from '../driver/context.ts';
import type { CudaModule, KernelFunction } from '../driver/module.ts';

/**
 * Generated kernels of a session by name; names are hashes of the text, so programs share them. The driver compiles the text and
 * keeps the result on disk (its compute cache, keyed by text, driver and card; see `cacheFolder` of the backend).
 */
export class KernelCache {
  readonly #context: CudaContext;
  readonly #modules: CudaModule[] = [];
  readonly #functions = new Map<string, KernelFunction>();

  constructor(context: CudaContext) {
    this.#context = context;
  }

  /** Compiles what is new, in one module. */
  load(kernels: ReadonlyMap<string, string>, label: string): void {
    const fresh = [...kernels].filter(([name]) => !this.#functions.has(name));
    if (fresh.length === 0) return;
    const module = this.#context.module(PTX_HEADER + fresh.map(([, text]) => text).join('\n'), label);
    this.#modules.push(module);
    for (const [name] of fresh) this.#functions.set(name, module.function(name));
  }

  function(name: string): KernelFunction {
    const found = this.#functions.get(name);
    if (!found) throw new Error(`internal: kernel ${name} is not loaded`);
    return found;
  }

  dispose(): void {
    for (const module of this.#modules) module.dispose();
  }
}
