/**
 * @file Which memory each value lives in: a block of the arena, a part of a concatenation, a state's own buffer where the new value can
 * be written straight there, or the block of an input that dies in the step that reads it.
 */
import { byteSize } from '../../../ir/dtype.ts';
import type { ValueId } from '../../../ir/graph.ts';
import type { Block } from '../memory/plan.ts';
import type { GraphView } from './graph-view.ts';
import { workspaceOf, type FinalStep, type Step } from './steps.ts';

/** Where a value's first byte is. */
export type Home =
  | { readonly kind: 'state'; readonly name: string; readonly offset: number }
  | { readonly kind: 'block'; readonly block: number; readonly offset: number };

export interface StorageAssignment {
  readonly homes: ReadonlyMap<ValueId, Home>;
  readonly blocks: readonly Block[];
  readonly steps: readonly Step[];
  /** Updates that are left to do after all steps. */
  readonly finals: readonly FinalStep[];
  /** Scratch block of a step (partial sums of a product or a gradient). */
  readonly scratch: ReadonlyMap<Step, number>;
}

interface Piece {
  readonly into: ValueId;
  readonly offset: number;
}

export function assignStorage(
  view: GraphView,
  steps: readonly Step[],
  finals: readonly FinalStep[],
  placed: ReadonlyMap<ValueId, Piece>,
  outputs: readonly ValueId[],
): StorageAssignment {
  return new Assigner(view, steps, finals, placed, outputs).assign();
}

class Assigner {
  readonly #view: GraphView;
  readonly #steps: readonly Step[];
  readonly #finals: readonly FinalStep[];
  readonly #placed: ReadonlyMap<ValueId, Piece>;
  readonly #outputs: ReadonlySet<ValueId>;
  /** First write and last use of each value, by step; placed pieces count for their whole. */
  readonly #first = new Map<ValueId, number>();
  readonly #last = new Map<ValueId, number>();
  readonly #homes = new Map<ValueId, Home>();
  readonly #blocks: { name: string; bytes: number; first: number; last: number }[] = [];

  constructor(
    view: GraphView,
    steps: readonly Step[],
    finals: readonly FinalStep[],
    placed: ReadonlyMap<ValueId, Piece>,
    outputs: readonly ValueId[],
  ) {
    this.#view = view;
    this.#steps = steps;
    this.#finals = finals;
    this.#placed = placed;
    this.#outputs = new Set(outputs);
  }

  assign(): StorageAssignment {
    this.#measure();
    for (const { name, value } of this.#view.graph.states) this.#homes.set(value, { kind: 'state', name, offset: 0 });
    const left = this.#finals.filter((final) => !this.#writeIntoState(final));
    this.#keepUntilEnd(left);
    for (const { name, value } of this.#view.graph.inputs) this.#open(value, `input ${name}`, -1);
    const scratch = new Map<Step, number>();
    this.#steps.forEach((step, at) => {
      for (const id of step.writes) if (!this.#homes.has(this.#whole(id))) this.#home(id, step, at);
      const workspace = workspaceOf(step);
      if (workspace > 0) scratch.set(step, this.#blocks.push({ name: 'partial sums', bytes: workspace, first: at, last: at }) - 1);
    });
    for (const id of this.#placed.keys()) this.#homes.set(id, this.#pieceHome(id));
    const steps = this.#steps.filter((step) => !(step.kind === 'copy' && this.#isIdle(step.from, step.fromOffset, step.to, step.toOffset)));
    return { homes: this.#homes, blocks: this.#blocks, steps, finals: left, scratch };
  }

  #whole(id: ValueId): ValueId {
    const piece = this.#placed.get(id);
    return piece ? this.#whole(piece.into) : id;
  }

  #pieceHome(id: ValueId): Home {
    const piece = this.#placed.get(id);
    if (!piece) return this.#homes.get(id)!;
    const home = this.#pieceHome(piece.into);
    return { ...home, offset: home.offset + piece.offset };
  }

  #measure(): void {
    this.#steps.forEach((step, at) => {
      for (const id of [...step.reads, ...step.writes]) this.#last.set(this.#whole(id), at);
      for (const id of step.writes) if (!this.#first.has(this.#whole(id))) this.#first.set(this.#whole(id), at);
    });
    for (const id of this.#outputs) this.#last.set(this.#whole(id), this.#steps.length);
  }

  #keepUntilEnd(finals: readonly FinalStep[]): void {
    for (const final of finals) if (final.kind === 'store') this.#last.set(this.#whole(final.from), this.#steps.length);
  }

  #bytes(id: ValueId): number {
    return this.#view.count(id) * byteSize(this.#view.graph.values[id]!.type.dtype);
  }

  #open(id: ValueId, name: string, first: number): void {
    const block = this.#blocks.push({ name, bytes: this.#bytes(id), first, last: Math.max(first, this.#last.get(id) ?? first) }) - 1;
    this.#homes.set(id, { kind: 'block', block, offset: 0 });
  }

  /** In the memory of an input that dies here where the step allows it, else in a new block. */
  #home(id: ValueId, step: Step, at: number): void {
    const whole = this.#whole(id);
    const donor = whole === id ? step.reads.find((read) => this.#canTakeOver(read, id, step, at)) : undefined;
    if (donor === undefined) return this.#open(whole, `%${whole} ${this.#view.node(whole)?.op ?? ''}`, at);
    const home = this.#homes.get(donor)!;
    this.#homes.set(id, home);
    if (home.kind === 'block') this.#blocks[home.block]!.last = Math.max(this.#blocks[home.block]!.last, this.#last.get(id) ?? at);
  }

  #canTakeOver(donor: ValueId, id: ValueId, step: Step, at: number): boolean {
    const home = this.#homes.get(donor);
    if (home?.kind !== 'block' || home.offset !== 0 || this.#placed.has(donor) || this.#whole(donor) !== donor) return false;
    // The whole block must be the donor's, and die here: another value may have taken it over already in this very step.
    const block = this.#blocks[home.block]!;
    if (block.bytes !== this.#bytes(id) || block.last !== at || this.#last.get(donor) !== at || this.#bytes(donor) !== block.bytes) return false;
    if (step.kind === 'kernel') return !step.kernel.readElsewhere.has(donor) && !this.#takenIn(step, home.block);
    return step.kind === 'copy' && step.fromOffset === 0 && step.toOffset === 0;
  }

  #takenIn(step: Step, block: number): boolean {
    return step.writes.some((id) => {
      const home = this.#homes.get(id);
      return home?.kind === 'block' && home.block === block;
    });
  }

  #isIdle(from: ValueId, fromOffset: number, to: ValueId, toOffset: number): boolean {
    const [a, b] = [this.#homes.get(from)!, this.#homes.get(to)!];
    const same = a.kind === 'state' ? b.kind === 'state' && a.name === b.name : b.kind === 'block' && a.block === b.block;
    return same && a.offset + fromOffset === b.offset + toOffset;
  }

  /** True where the new value can be written into the state itself: nothing reads the old one afterwards. */
  #writeIntoState(final: FinalStep): boolean {
    if (final.kind !== 'store' || final.fromOffset !== 0) return false;
    const id = final.from;
    const state = this.#view.graph.states.find(({ name }) => name === final.state)!.value;
    const first = this.#first.get(id);
    if (first === undefined || this.#placed.has(id) || this.#homes.has(id) || this.#bytes(id) !== final.bytes) return false;
    const oldRead = this.#last.get(state) ?? -1;
    const otherFinals = this.#finals.some((other) => other.kind === 'store' && other !== final && (other.from === state || other.from === id));
    if (oldRead > first || otherFinals || this.#outputs.has(state)) return false;
    if (oldRead === first) {
      const step = this.#steps[first]!;
      const inPlace =
        step.kind === 'kernel' ? !step.kernel.readElsewhere.has(state) : step.kind === 'copy' && step.from === state && step.fromOffset === 0;
      if (!inPlace) return false;
    }
    this.#homes.set(id, { kind: 'state', name: final.state, offset: 0 });
    return true;
  }
}
