/** @file How much memory an engine may take, by what it does. Generous: they are for what goes wrong, and a plan is made elsewhere (memory-plan.ts). */

export type Doing = 'opening' | 'reading' | 'encoding' | 'loading' | 'compiling' | 'training' | 'generating' | 'exporting' | 'probing';

/** Bytes of the process that are in memory. */
export interface MemoryLimits {
  /** Tokenizers, templates and rows: the largest in use take some hundred MiB. */
  readonly text: number;
  /** Weights and tensors: nearly all there is, since beyond it the system ends processes that it picks itself. */
  readonly weights: number;
}

const MIB = 2 ** 20;
const MOST_TEXT = 4096 * MIB;

/**
 * @param total bytes of the machine
 * @param constrained bytes that the system lets this process have (a container); 0 or more than there is: no such bound
 * @param asked MiB that a person allows at most (TUNESMITH_ENGINE_MEMORY)
 */
export function memoryLimits(total: number, constrained: number, asked: string | undefined): MemoryLimits {
  const machine = constrained > 0 ? Math.min(total, constrained) : total;
  const allowed = Number(asked);
  const weights = Number.isFinite(allowed) && allowed > 0 ? Math.min(allowed * MIB, machine) : Math.floor(machine * 0.9);
  return { weights, text: Math.min(MOST_TEXT, asked === undefined ? Math.floor(machine / 2) : weights) };
}
