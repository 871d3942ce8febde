/**
 * @file A prompt for each of several columns (base and adapters), streamed token by token. Knows nothing of tokenizers: ids in, ids out.
 */
import { AppError } from '../../../shared/lib/app-error.ts';
import { seededRandom } from '../../../shared/lib/seeded-random.ts';
import type { BackendSession, HostTensor, Program, StateSpec } from '../backends/backend.ts';
import type { Model } from '../models/model.ts';
import { ownTables, stackedRanks, stackedStates, type Columns } from './columns.ts';
import { buildDecode, buildPrefill, cacheName, cacheType, type GenerationPlan } from './programs.ts';
import { chooseToken, type SamplingSettings } from './sampler.ts';

export interface GenerationRequest {
  /** One prompt a column, each of at least one id. */
  readonly prompts: readonly (readonly number[])[];
  readonly maxNewTokens: number;
  readonly sampling: SamplingSettings;
  /** Every column draws from its own stream of this seed, so equal columns give equal answers. */
  readonly seed: number;
  /** Ids that end an answer; the id itself is reported. */
  readonly stopIds: ReadonlySet<number>;
  readonly signal?: AbortSignal | undefined;
}

export interface GeneratedToken {
  readonly column: number;
  readonly id: number;
  /** Set with the column's last token. */
  readonly finished: 'stop' | 'length' | null;
}

/** Cache positions are rounded up to this, so that prompts of similar length share programs. */
const CAPACITY_STEP = 128;
const PREFILL_STEP = 32;
/** Prompt lengths whose programs are kept. */
const KEPT_PREFILLS = 8;

/** Stacked adapters, cache and compiled programs, kept from prompt to prompt. */
export class Generator {
  readonly #session: BackendSession;
  readonly #columns: Columns;
  readonly #shape: Omit<GenerationPlan, 'capacity'>;
  readonly #prefills = new Map<number, Program>();
  #capacity = 0;
  #decode: Program | null = null;

  private constructor(session: BackendSession, columns: Columns, shape: Omit<GenerationPlan, 'capacity'>) {
    this.#session = session;
    this.#columns = columns;
    this.#shape = shape;
  }

  /** @param session holds the model's weights already */
  static async open(session: BackendSession, model: Model, dtype: 'f32' | 'bf16', columns: Columns): Promise<Generator> {
    const generator = new Generator(session, columns, {
      model,
      dtype,
      rows: columns.length,
      ranks: stackedRanks(columns),
      ownTables: ownTables(columns),
    });
    await session.addStates(stackedStates(generator.#plan(), columns));
    return generator;
  }

  /** The same prompt for every column. */
  alike(prompt: readonly number[]): readonly (readonly number[])[] {
    return this.#columns.map(() => prompt);
  }

  /** Compiles what prompts and answers up to these lengths need, so that the first question does not wait for it. */
  async prepare(promptTokens: number, maxNewTokens: number): Promise<void> {
    await this.#reserve(promptTokens + maxNewTokens);
    this.#decode ??= await this.#session.compile(buildDecode(this.#plan()));
    for (let tokens = PREFILL_STEP; tokens <= promptTokens; tokens += PREFILL_STEP) await this.#prefill(tokens);
  }

  /** Frees programs, cache and adapters; the session and the base weights stay. */
  async dispose(): Promise<void> {
    await this.#disposePrograms();
    const states = [...stackedStates(this.#plan(), this.#columns), ...(this.#capacity > 0 ? this.#cacheStates() : [])];
    await this.#session.removeStates(states.map(({ name }) => name));
  }

  /** Yields tokens column by column, step by step, until every column has stopped. */
  async *generate(request: GenerationRequest): AsyncGenerator<GeneratedToken> {
    const { prompts, maxNewTokens, sampling, stopIds } = request;
    await this.#reserve(longest(prompts) + maxNewTokens);
    const rows = prompts.map((prompt) => ({ draw: seededRandom(request.seed), ids: [...prompt], open: true }));
    let logits = await this.#readPrompts(prompts);
    for (let step = 1; step <= maxNewTokens; step++) {
      request.signal?.throwIfAborted();
      for (const [column, row] of rows.entries()) {
        if (!row.open) continue;
        const scores = this.#row(logits, column);
        if (!scores.every(Number.isFinite)) throw notFinite(column);
        const id = chooseToken(scores, row.ids, sampling, row.draw);
        row.ids.push(id);
        const finished = stopIds.has(id) ? 'stop' : step === maxNewTokens ? 'length' : null;
        row.open = finished === null;
        yield { column, id, finished };
      }
      if (!rows.some((row) => row.open)) return;
      // A finished row repeats its last token: nobody looks at its logits any more.
      logits = await this.#decodeStep(
        rows.map((row) => row.ids.at(-1)!),
        prompts.map(({ length }) => length + step - 1),
      );
    }
  }

  #plan(): GenerationPlan {
    return { ...this.#shape, capacity: this.#capacity };
  }

  #row(logits: Float32Array, column: number): Float32Array {
    const { vocabSize } = this.#shape.model.sizes;
    return logits.slice(column * vocabSize, (column + 1) * vocabSize);
  }

  /** Makes room for `positions` a row; a larger cache is a new set of states and programs. */
  async #reserve(positions: number): Promise<void> {
    if (positions <= this.#capacity) return;
    await this.#disposePrograms();
    if (this.#capacity > 0) await this.#session.removeStates(this.#cacheStates().map(({ name }) => name));
    this.#capacity = roundUp(positions, CAPACITY_STEP);
    await this.#session.addStates(this.#cacheStates());
  }

  #cacheStates(): StateSpec[] {
    const type = cacheType(this.#plan());
    return Array.from({ length: this.#shape.model.sizes.layers }).flatMap((_, layer) =>
      (['k', 'v'] as const).map((side): StateSpec => ({ name: cacheName(layer, side), type, role: 'variable', source: { kind: 'zeros' } })),
    );
  }

  async #readPrompts(prompts: readonly (readonly number[])[]): Promise<Float32Array> {
    const { rows } = this.#shape;
    const tokens = Math.min(roundUp(longest(prompts), PREFILL_STEP), this.#capacity);
    const ids = new Int32Array(rows * tokens);
    for (const [row, prompt] of prompts.entries()) ids.set(prompt, row * tokens);
    const lengths = Int32Array.from(prompts, ({ length }) => length);
    const { logits } = await (await this.#prefill(tokens)).run({ ids: i32(ids, [rows, tokens]), lengths: i32(lengths, [rows]) });
    return logits!.data as Float32Array;
  }

  /** The program for prompts of so many tokens; of those kept, the one used longest ago makes room. */
  async #prefill(tokens: number): Promise<Program> {
    const program = this.#prefills.get(tokens) ?? (await this.#session.compile(buildPrefill(this.#plan(), tokens)));
    this.#prefills.delete(tokens);
    this.#prefills.set(tokens, program);
    const [oldest] = this.#prefills;
    if (this.#prefills.size > KEPT_PREFILLS && oldest !== undefined) {
      this.#prefills.delete(oldest[0]);
      await oldest[1].dispose();
    }
    return program;
  }

  async #decodeStep(ids: readonly number[], positions: readonly number[]): Promise<Float32Array> {
    const { rows } = this.#shape;
    this.#decode ??= await this.#session.compile(buildDecode(this.#plan()));
    const { logits } = await this.#decode.run({ ids: i32(Int32Array.from(ids), [rows, 1]), positions: i32(Int32Array.from(positions), [rows, 1]) });
    return logits!.data as Float32Array;
  }

  async #disposePrograms(): Promise<void> {
    for (const program of this.#prefills.values()) await program.dispose();
    this.#prefills.clear();
    await this.#decode?.dispose();
    this.#decode = null;
  }
}

/** To choose among scores that are not numbers would look like an empty answer. */
function notFinite(column: number): AppError {
  return new AppError({
    code: 'E-NAN',
    message: `Column ${column + 1}: the scores of the next token hold NaN or infinity.`,
    data: { column },
    remedy: 'Compare with the base model alone: if that answers, the adapter was trained out of the range of numbers.',
  });
}

function i32(data: Int32Array, shape: readonly number[]): HostTensor {
  return { dtype: 'i32', shape, data };
}

function longest(prompts: readonly (readonly number[])[]): number {
  return Math.max(...prompts.map(({ length }) => length));
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
