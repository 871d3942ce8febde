/** @file Steps with their place in the program, and when they use values: what decides whether a step may run elsewhere. */
import type { ValueId } from '../../../ir/graph.ts';
import type { Step } from './steps.ts';

export interface Ordered {
  readonly order: number;
  readonly step: Step;
}

/** When values are last written and first read. */
export class Uses {
  readonly #written = new Map<ValueId, number>();
  readonly #read = new Map<ValueId, number>();
  readonly #writers = new Map<ValueId, number>();

  constructor(ordered: readonly Ordered[]) {
    for (const { order, step } of ordered) {
      for (const id of step.writes) {
        this.#written.set(id, order);
        this.#writers.set(id, (this.#writers.get(id) ?? 0) + 1);
      }
      for (const id of step.reads) if (!this.#read.has(id)) this.#read.set(id, order);
    }
  }

  isReady(id: ValueId, order: number): boolean {
    return (this.#written.get(id) ?? -1) < order;
  }

  firstRead(id: ValueId): number {
    return this.#read.get(id) ?? Infinity;
  }

  writers(id: ValueId): number {
    return this.#writers.get(id) ?? 0;
  }
}
