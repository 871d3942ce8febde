/** @file One arena for all blocks of a program: blocks that do not live at the same time share bytes. Pure. */

/** Bytes that are in use from step `first` to step `last`, both included. */
export interface Block {
  readonly name: string;
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

export interface MemoryPlan {
  readonly blocks: readonly Block[];
  /** Byte offset of each block, a multiple of 256. */
  readonly offsets: readonly number[];
  readonly arenaBytes: number;
}

const ALIGNMENT = 256;

/** Largest blocks first, each into the lowest gap that fits best among the blocks living at the same time. */
export function planMemory(blocks: readonly Block[]): MemoryPlan {
  const offsets = blocks.map(() => 0);
  const sizeOf = (block: Block) => Math.ceil(block.bytes / ALIGNMENT) * ALIGNMENT;
  const order = blocks.map((_, i) => i).sort((a, b) => sizeOf(blocks[b]!) - sizeOf(blocks[a]!) || blocks[a]!.first - blocks[b]!.first);
  const placed: number[] = [];
  let arenaBytes = 0;
  for (const i of order) {
    const block = blocks[i]!;
    const size = sizeOf(block);
    if (size === 0) continue;
    const near = placed.filter((j) => blocks[j]!.first <= block.last && block.first <= blocks[j]!.last);
    offsets[i] = bestGap(
      near.map((j) => ({ start: offsets[j]!, end: offsets[j]! + sizeOf(blocks[j]!) })),
      size,
    );
    placed.push(i);
    arenaBytes = Math.max(arenaBytes, offsets[i]! + size);
  }
  return { blocks, offsets, arenaBytes };
}

/** Start of the smallest gap that holds `size`; behind everything where none does. */
function bestGap(taken: { start: number; end: number }[], size: number): number {
  taken.sort((a, b) => a.start - b.start);
  let best: { start: number; waste: number } | null = null;
  let end = 0;
  for (const range of taken) {
    const gap = range.start - end;
    if (gap >= size && (best === null || gap - size < best.waste)) best = { start: end, waste: gap - size };
    end = Math.max(end, range.end);
  }
  return best ? best.start : end;
}

/** The largest blocks, for a person: name, MiB, steps, offset. */
export function printPlan(plan: MemoryPlan, rows = 20): string {
  const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(1).padStart(10);
  const largest = plan.blocks
    .map((block, i) => ({ block, offset: plan.offsets[i]! }))
    .sort((a, b) => b.block.bytes - a.block.bytes)
    .slice(0, rows);
  return [
    `arena ${mib(plan.arenaBytes).trim()} MiB for ${plan.blocks.length} blocks`,
    '       MiB     at MiB  steps          what',
    ...largest.map(({ block, offset }) => `${mib(block.bytes)} ${mib(offset)}  ${`${block.first}..${block.last}`.padEnd(14)} ${block.name}`),
  ].join('\n');
}
