/** @file A scheduled graph on the device: bound launches, run once by themselves and from then on as one captured graph. */
import { AppError } from '../../../../../shared/lib/app-error.ts';
import { byteSize } from '../../../ir/dtype.ts';
import type { ValueId } from '../../../ir/graph.ts';
import { elementCount } from '../../../ir/shape.ts';
import type { Feeds, Outputs, Pending, Program } from '../../backend.ts';
import type { CudaGraph } from '../driver/graph.ts';
import { KernelParams } from '../driver/params.ts';
import { bindGemm, launchAll } from '../gemm-launch.ts';
import type { Schedule } from '../schedule/schedule.ts';
import type { CallStep, FinalStep, Place, Step } from '../schedule/steps.ts';
import { hostBytes, hostTensor } from './host-bytes.ts';
import type { ProgramHost } from './program-host.ts';
import { StagedRun } from './staged-run.ts';

interface Transfer {
  readonly name: string;
  readonly value: ValueId;
  /** Place in the pinned staging memory. */
  readonly offset: number;
  readonly bytes: number;
  readonly address: () => bigint;
}

type Launch = () => void;

/** While one run is on the device, the next one's feeds are staged. */
const STAGES = 2;

export class CudaProgram implements Program {
  readonly name: string;
  readonly schedule: Schedule;
  readonly #host: ProgramHost;
  readonly #inputs: readonly Transfer[];
  readonly #outputs: readonly Transfer[];
  readonly #stages: readonly StagedRun[];
  #turn = 0;
  #launches: readonly Launch[] = [];
  /** Arena that the launches are bound to. */
  #generation = -1;
  #warm = false;
  #graph: CudaGraph | null = null;
  #disposed = false;

  constructor(name: string, schedule: Schedule, host: ProgramHost) {
    this.name = name;
    this.schedule = schedule;
    this.#host = host;
    let offset = 0;
    const transfer = (entry: { name: string; value: ValueId }, address: () => bigint): Transfer => {
      const bytes = this.#bytes(entry.value);
      const made = { name: entry.name, value: entry.value, offset, bytes, address };
      offset += Math.ceil(bytes / 256) * 256;
      return made;
    };
    this.#inputs = schedule.graph.inputs.map((input) => transfer(input, () => this.#address(input.value)));
    this.#outputs = schedule.outputs.map((output) => transfer(output, () => this.#address(output.base) + BigInt(output.offset)));
    this.#stages = Array.from({ length: STAGES }, () => new StagedRun(host.context, Math.max(256, offset)));
  }

  /** Nodes of the captured graph; 0 before the second run. */
  get capturedNodes(): number {
    return this.#graph?.nodeCount ?? 0;
  }

  enqueue(feeds: Feeds): Pending {
    const began = this.#host.exclusive(() => this.#begin(feeds));
    // Whoever reads is told; nobody has to.
    began.catch(() => undefined);
    return { read: async () => (await began)() };
  }

  run(feeds: Feeds): Promise<Outputs> {
    return this.enqueue(feeds).read();
  }

  /** Everything is on the stream when it resolves. @returns what waits for the outputs */
  async #begin(feeds: Feeds): Promise<() => Promise<Outputs>> {
    if (this.#disposed) throw new AppError({ code: 'CUDA-DISPOSED', message: `Program "${this.name}" was disposed.` });
    const stage = this.#stages[this.#turn++ % STAGES]!;
    await stage.free();
    this.#bind();
    this.#upload(feeds, stage.bytes);
    this.#execute();
    this.#download(stage.bytes);
    return stage.begin(this.#host.stream, (bytes) =>
      Object.fromEntries(
        this.#outputs.map(({ name, value, offset, bytes: length }) => [name, hostTensor(this.#type(value), bytes.subarray(offset, offset + length))]),
      ),
    );
  }

  /** Runs once without a graph, timing each launch on the device: for benchmarks. Milliseconds by step, with what the step is. */
  async profile(feeds: Feeds): Promise<readonly { readonly label: string; readonly ms: number }[]> {
    return this.#host.exclusive(async () => {
      const { context, stream } = this.#host;
      await stream.whenIdle();
      this.#bind();
      this.#upload(feeds, this.#stages[0]!.bytes);
      const events = Array.from({ length: this.#launches.length + 1 }, () => context.event());
      try {
        stream.record(events[0]!);
        this.#launches.forEach((launch, i) => {
          launch();
          stream.record(events[i + 1]!);
        });
        await stream.whenIdle();
        const labels = [...this.schedule.steps.map(labelOf), ...this.schedule.finals.map(({ kind }) => `final ${kind}`)];
        return labels.map((label, i) => ({ label, ms: events[i + 1]!.since(events[i]!) }));
      } finally {
        for (const event of events) event.dispose();
      }
    });
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const stage of this.#stages) await stage.free();
    await this.#host.stream.whenIdle();
    this.#graph?.dispose();
    for (const stage of this.#stages) stage.dispose();
    this.#host.released(this);
  }

  #type(id: ValueId) {
    return this.schedule.graph.values[id]!.type;
  }

  #bytes(id: ValueId): number {
    const { dtype, shape } = this.#type(id);
    return elementCount(shape) * byteSize(dtype);
  }

  #address(id: ValueId): bigint {
    const home = this.schedule.storage.homes.get(id);
    if (!home) throw new Error(`internal: %${id} has no memory`);
    if (home.kind === 'state') return this.#host.state(home.name) + BigInt(home.offset);
    return this.#host.arena() + BigInt(this.schedule.memory.offsets[home.block]! + home.offset);
  }

  /** Launches for the arena as it is now; a graph captured over an older one is dropped. */
  #bind(): void {
    if (this.#generation === this.#host.generation) return;
    this.#graph?.dispose();
    this.#graph = null;
    this.#warm = false;
    this.#launches = [...this.schedule.steps.map((step) => this.#launch(step)), ...this.schedule.finals.map((final) => this.#final(final))];
    this.#generation = this.#host.generation;
  }

  #upload(feeds: Feeds, staging: Uint8Array): void {
    const { stream } = this.#host;
    const unknown = Object.keys(feeds).find((name) => !this.#inputs.some((input) => input.name === name));
    if (unknown !== undefined) throw new AppError({ code: 'CUDA-FEED', message: `Program "${this.name}" has no input "${unknown}".` });
    this.#host.poison();
    for (const { name, value, offset, bytes, address } of this.#inputs) {
      const tensor = feeds[name];
      if (!tensor) throw new AppError({ code: 'CUDA-FEED', message: `Program "${this.name}": input "${name}" was not fed.` });
      const source = hostBytes(`Input "${name}" of program "${this.name}"`, tensor, this.#type(value));
      if (bytes === 0) continue;
      const place = staging.subarray(offset, offset + bytes);
      place.set(source);
      stream.upload(address(), place);
    }
  }

  /** The first run is eager, so that lazily loaded kernels are in place before anything is captured. */
  #execute(): void {
    const { stream } = this.#host;
    const enqueue = () => {
      for (const launch of this.#launches) launch();
    };
    if (!this.#warm || this.#launches.length === 0 || this.#host.eager) {
      enqueue();
      this.#warm = true;
      return;
    }
    this.#graph ??= stream.capture(enqueue);
    this.#graph.launch(stream);
  }

  #download(staging: Uint8Array): void {
    for (const { offset, bytes, address } of this.#outputs) {
      if (bytes > 0) this.#host.stream.download(staging.subarray(offset, offset + bytes), address());
    }
  }

  #launch(step: Step): Launch {
    const { stream, kernels } = this.#host;
    switch (step.kind) {
      case 'kernel': {
        const { kernel } = step;
        const found = kernels.function(kernel.name);
        const params = KernelParams.of(...kernel.pointers.map((id) => ['ptr', this.#address(id)] as const));
        const shape = { grid: kernel.grid, block: [kernel.threads, 1, 1] as const, sharedBytes: 0 };
        return () => stream.launch(found, shape, params);
      }
      case 'product':
        return this.#product(step);
      case 'call':
        return this.#call(step);
      case 'copy': {
        const [to, from] = [this.#address(step.to) + BigInt(step.toOffset), this.#address(step.from) + BigInt(step.fromOffset)];
        return () => stream.copy(to, from, step.bytes);
      }
      case 'zero': {
        const target = this.#address(step.target);
        return () => stream.fill8(target, 0, step.bytes);
      }
      default:
        return step satisfies never;
    }
  }

  #product(step: Extract<Step, { kind: 'product' }>): Launch {
    const { product, second, more, problem, plan } = step;
    const { stream } = this.#host;
    const at = (id: ValueId, elements: number) => this.#address(id) + BigInt(elements * byteSize(this.#type(id).dtype));
    const workspace = this.#scratch(step);
    const bound = bindGemm(this.#host.library, problem, plan, {
      a: at(product.a.base, product.a.offset),
      b: at(product.b.base, product.b.offset),
      c: at(step.target, product.outputOffset),
      ...(workspace === null ? {} : { workspace }),
      batchInner: product.batch[1],
      strideA: product.a.steps[1],
      strideB: product.b.steps[1],
      strideC: product.outputSteps[1],
      outerA: product.a.steps[0],
      outerB: product.b.steps[0],
      outerC: product.outputSteps[0],
      ...(second === null
        ? { alpha: product.alpha }
        : {
            alpha: second.alpha,
            ratio: product.alpha / second.alpha,
            a2: at(second.a.base, second.a.offset),
            b2: at(second.b.base, second.b.offset),
          }),
      beta: step.beta,
      more: more.map((part) => ({
        a: at(part.product.a.base, part.product.a.offset),
        b: at(part.product.b.base, part.product.b.offset),
        c: at(part.target, part.product.outputOffset),
        ...(part.second ? { a2: at(part.second.a.base, part.second.a.offset), b2: at(part.second.b.base, part.second.b.offset) } : {}),
      })),
    });
    return () => launchAll(stream, bound);
  }

  #call(step: CallStep): Launch {
    const { stream } = this.#host;
    const at = ({ base, offset }: Place) => this.#address(base) + BigInt(offset);
    const bound = step.call.bind(this.#host.library, {
      inputs: step.inputs.map(at),
      outputs: step.outputs.map(at),
      workspace: this.#scratch(step) ?? 0n,
    });
    return () => launchAll(stream, bound);
  }

  #scratch(step: Step): bigint | null {
    const block = this.schedule.storage.scratch.get(step);
    return block === undefined ? null : this.#host.arena() + BigInt(this.schedule.memory.offsets[block]!);
  }

  #final(final: FinalStep): Launch {
    const { stream } = this.#host;
    const state = this.#host.state(final.state);
    if (final.kind === 'zero') return () => stream.fill8(state, 0, final.bytes);
    const from = this.#address(final.from) + BigInt(final.fromOffset);
    return () => stream.copy(state, from, final.bytes);
  }
}

function labelOf(step: Step): string {
  switch (step.kind) {
    case 'kernel':
      return `${step.kernel.name} x${step.kernel.grid.join('x')}`;
    case 'product': {
      const { m, n, k, layout, batch, dtype, out } = step.problem;
      return `${step.plan.kernel}/${step.plan.splits} ${m}x${n}x${k} ${layout} ${dtype}>${out}${batch === 1 ? '' : ` batch ${batch}`}${step.more.map(({ product }) => ` with ${step.problem.more!.along} ${product[step.problem.more!.along]}`).join('')}${step.second ? ` and ${step.second.k}` : ''}${step.beta ? ' +' : ''}`;
    }
    case 'call':
      return step.call.label;
    case 'copy':
    case 'zero':
      return step.kind;
    default:
      return step satisfies never;
  }
}
