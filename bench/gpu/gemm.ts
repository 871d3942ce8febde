/**
 * @file `node bench/gpu/gemm.ts [--check-only | --times-only] [--kernels <what to check>] [--match <what to time>] [--json <file>]`
 * on a computer with an NVIDIA GPU: checks every GEMM kernel against float64, then times the shapes of fine-tuning beside PyTorch's
 * matmul (when python3 has torch).
 * Exit code 1 when a check fails.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CudaContext } from '../../src/main/engine/backends/cuda/driver/context.ts';
import { openDevice } from '../../src/main/engine/backends/cuda/driver/device.ts';
import { bindGemm, launchAll } from '../../src/main/engine/backends/cuda/gemm-launch.ts';
import { chooseGemm, planGemm, planHopper } from '../../src/main/engine/backends/cuda/gemm-plan.ts';
import type { GemmPlan } from '../../src/main/engine/backends/cuda/gemm-plan.ts';
import { BF16_TILES, HOPPER_TILES, takesHopper } from '../../src/main/engine/backends/cuda/gemm-tiles.ts';
import type { GemmProblem } from '../../src/main/engine/backends/cuda/gemm-tiles.ts';
import { loadKernels } from '../../src/main/engine/backends/cuda/kernel-library.ts';
import type { KernelLibrary } from '../../src/main/engine/backends/cuda/kernel-library.ts';
import { checkGemms } from './gemm-check.ts';
import { randomArray, randomSource } from './numbers.ts';

type Shape = GemmProblem & { readonly label: string; readonly beta?: number };

function shape(label: string, layout: GemmProblem['layout'], m: number, n: number, k: number, more: Partial<Shape> = {}): Shape {
  return { label, layout, m, n, k, dtype: 'bf16', out: 'bf16', ...more };
}

// Qwen2.5-0.5B at 8192 tokens unless the label says otherwise.
const SHAPES: readonly Shape[] = [
  shape('gate+up fwd', 'nt', 8192, 9728, 896),
  shape('down fwd', 'nt', 8192, 896, 4864),
  shape('o fwd', 'nt', 8192, 896, 896),
  shape('qkv fwd', 'nt', 8192, 1152, 896),
  shape('gate fwd', 'nt', 8192, 4864, 896),
  shape('kv fwd', 'nt', 8192, 128, 896),
  shape('gate bwd', 'nn', 8192, 896, 4864),
  shape('o bwd', 'nn', 8192, 896, 896),
  shape('kv bwd', 'nn', 8192, 896, 128),
  shape('gate fwd, 2k tokens', 'nt', 2048, 4864, 896),
  shape('down fwd, 2k tokens', 'nt', 2048, 896, 4864),
  shape('gate bwd, 2k tokens', 'nn', 2048, 896, 4864),
  shape('1.5B gate fwd', 'nt', 8192, 8960, 1536),
  shape('1.5B down fwd', 'nt', 8192, 1536, 8960),
  shape('1.5B o fwd', 'nt', 8192, 1536, 1536),
  shape('1.5B gate bwd', 'nn', 8192, 1536, 8960),
  shape('1.5B down bwd', 'nn', 8192, 8960, 1536),
  shape('7B gate fwd', 'nt', 2048, 18_944, 3584),
  shape('7B down fwd', 'nt', 2048, 3584, 18_944),
  shape('7B o fwd', 'nt', 2048, 3584, 3584),
  shape('7B kv fwd', 'nt', 2048, 512, 3584),
  shape('7B gate bwd', 'nn', 2048, 3584, 18_944),
  shape('7B down bwd', 'nn', 2048, 18_944, 3584),
  shape('135M o fwd', 'nt', 8192, 576, 576),
  shape('135M gate fwd', 'nt', 8192, 1536, 576),
  shape('135M gate bwd', 'nn', 8192, 576, 1536),
  shape('head fwd 2k', 'nt', 2048, 151_936, 896),
  shape('head bwd 2k', 'nn', 2048, 896, 151_936),
  shape('gate+up bwd', 'nn', 8192, 896, 9728),
  shape('down bwd', 'nn', 8192, 4864, 896),
  shape('full-FT dW', 'tn', 9728, 896, 8192),
  shape('4096 cubed', 'nt', 4096, 4096, 4096),
  shape('o fwd, 2k tokens', 'nt', 2048, 896, 896),
  shape('attention QK', 'nt', 7168, 1024, 64, { batch: 16 }),
  shape('attention PV', 'nn', 7168, 64, 1024, { batch: 16 }),
  shape('attention dK', 'tn', 1024, 64, 7168, { batch: 16 }),
  shape('LoRA P', 'nt', 8192, 16, 896),
  shape('LoRA P down', 'nt', 8192, 16, 4864),
  shape('LoRA Q', 'nn', 8192, 16, 9728),
  shape('LoRA dA', 'tn', 16, 896, 8192, { out: 'f32' }),
  shape('LoRA dA down', 'tn', 16, 4864, 8192, { out: 'f32' }),
  shape('LoRA up +=', 'nt', 8192, 4864, 16, { beta: 1 }),
  shape('decode 1 gate+up', 'nt', 1, 9728, 896),
  shape('decode 1 down', 'nt', 1, 896, 4864),
  shape('decode 1 head', 'nt', 1, 151_936, 896),
  shape('decode 4 head', 'nt', 4, 151_936, 896),
  shape('decode 8 head', 'nt', 8, 151_936, 896),
  shape('7B decode 1', 'nt', 1, 37_888, 3584),
  shape('f32 2048 cubed', 'nt', 2048, 2048, 2048, { dtype: 'f32', out: 'f32' }),
  shape('f32 LoRA P', 'nt', 8192, 16, 896, { dtype: 'f32', out: 'f32' }),
];

const SPLITS = [1, 2, 4, 8, 16, 32, 64];

interface Timing {
  readonly plan: GemmPlan;
  readonly milliseconds: number;
}

/** Times plans of one problem on random data: graphs of 10 launches, median of 7 replays. */
function timePlans(context: CudaContext, kernels: KernelLibrary, problem: Shape, plans: readonly GemmPlan[]): readonly Timing[] {
  const batch = problem.batch ?? 1;
  const { m, n, k } = problem;
  const bytes = problem.dtype === 'bf16' ? 2 : 4;
  const stream = context.stream();
  const random = randomSource(1);
  const pattern = randomArray(problem.dtype, 1 << 20, random);
  const fill = (elements: number): ReturnType<CudaContext['allocate']> => {
    const buffer = context.allocate(elements * bytes);
    for (let at = 0; at < elements; at += pattern.length) buffer.upload(pattern.subarray(0, Math.min(pattern.length, elements - at)), at * bytes);
    return buffer;
  };
  const [a, b] = [fill(batch * m * k), fill(batch * n * k)];
  const c = context.allocate(batch * m * n * 4);
  stream.fill8(c.pointer, 0, c.byteLength);
  const workspace = context.allocate(Math.max(...plans.map(({ workspaceBytes }) => workspaceBytes)));
  const [start, end] = [context.event(), context.event()];
  const timings = plans.map((plan) => {
    const bound = bindGemm(kernels, problem, plan, {
      a: a.pointer,
      b: b.pointer,
      c: c.pointer,
      workspace: workspace.pointer,
      strideA: m * k,
      strideB: n * k,
      strideC: m * n,
      beta: problem.beta ?? 0,
    });
    launchAll(stream, bound);
    const graph = stream.capture(() => {
      for (let index = 0; index < 10; index += 1) launchAll(stream, bound);
    });
    graph.launch(stream);
    const times = Array.from({ length: 7 }, () => {
      stream.record(start);
      graph.launch(stream);
      stream.record(end);
      end.synchronize();
      return end.since(start) / 10;
    });
    graph.dispose();
    return { plan, milliseconds: times.sort((x, y) => x - y)[3]! };
  });
  [a, b, c, workspace, start, end, stream].forEach((owned) => owned.dispose());
  return timings;
}

/** The planner's choice first, then every other tile and split worth trying. */
function plansFor(problem: Shape, context: CudaContext, wgmma: boolean): readonly GemmPlan[] {
  const device = { ...context.facts, wgmma };
  const chosen = chooseGemm(problem, device);
  if (problem.dtype === 'f32' || chosen.kernel.startsWith('gemv')) return [chosen];
  const hopper = (wgmma && takesHopper(problem) ? HOPPER_TILES : [])
    .filter(({ layouts }) => layouts.includes(problem.layout))
    .flatMap((tile) =>
      SPLITS.filter((splits) => splits === 1 || (problem.k >= splits * 512 && 4 * splits * problem.m * problem.n < 2 ** 27)).map((splits) =>
        planHopper(problem, tile, splits, device),
      ),
    );
  const others = BF16_TILES.filter(({ layouts }) => layouts.includes(problem.layout)).flatMap(({ name, k }) =>
    SPLITS.filter((splits) => {
      const workspace = 4 * splits * (problem.batch ?? 1) * problem.m * problem.n;
      return splits === 1 || (problem.k >= splits * 2 * k && workspace < 2 ** 27);
    }).map((splits) => planGemm(problem, name, splits)),
  );
  return [chosen, ...hopper, ...others];
}

function torchTimes(shapes: readonly Shape[]): readonly number[] | undefined {
  const script = join(import.meta.dirname, 'gemm_torch.py');
  const done = spawnSync('python3', [script], { input: JSON.stringify(shapes), encoding: 'utf8' });
  if (done.status === 0) return JSON.parse(done.stdout) as number[];
  process.stdout.write(`no PyTorch times: ${(done.stderr || String(done.error)).trim().split('\n').at(-1)}\n`);
  return undefined;
}

function printTimes(context: CudaContext, kernels: KernelLibrary, shapes: readonly Shape[]): unknown {
  const torch = torchTimes(shapes);
  const rows = shapes.map((problem, index) => {
    const timings = timePlans(context, kernels, problem, plansFor(problem, context, kernels.has('gemm-wgmma.cu')));
    const best = timings.toSorted((x, y) => x.milliseconds - y.milliseconds)[0]!;
    return { problem, ours: timings[0]!, best, torch: torch?.[index], timings };
  });
  process.stdout.write(
    'shape                m x n x k x batch          plan               us   TF/s  GB/s | torch us  ours/torch speed | best plan us\n',
  );
  for (const { problem, ours, best, torch: other } of rows) {
    const { m, n, k } = problem;
    const batch = problem.batch ?? 1;
    const bytes =
      batch *
      ((m * k + n * k) * (problem.dtype === 'bf16' ? 2 : 4) + m * n * (problem.out === 'bf16' ? 2 : 4) * (problem.beta === undefined ? 1 : 2));
    const name = (plan: GemmPlan): string => `${plan.kernel.replace('gemm_bf16_', '')}/${plan.splits}`;
    const text = [
      problem.label.padEnd(20),
      `${m}x${n}x${k}x${batch}`.padEnd(24),
      name(ours.plan).padEnd(16),
      (ours.milliseconds * 1e3).toFixed(1).padStart(8),
      ((2e-9 * m * n * k * batch) / ours.milliseconds).toFixed(0).padStart(5),
      (bytes / ours.milliseconds / 1e6).toFixed(0).padStart(6),
      '|',
      other === undefined ? '-' : (other * 1e3).toFixed(1).padStart(8),
      other === undefined ? '-' : (other / ours.milliseconds).toFixed(2).padStart(6),
      '|',
      name(best.plan).padEnd(14),
      (best.milliseconds * 1e3).toFixed(1),
    ];
    process.stdout.write(`${text.join(' ')}\n`);
  }
  return rows;
}

function option(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
}

function main(args: readonly string[]): void {
  const found = openDevice();
  if (!found.ok) throw new Error(`${found.reason.message} ${found.reason.remedy ?? ''}`);
  const context = CudaContext.open(found.driver, found.facts);
  process.stdout.write(`${JSON.stringify(found.facts)}\n`);
  const kernels = loadKernels(context, join(import.meta.dirname, '../../resources/kernels'));
  process.stdout.write(`loaded ${JSON.stringify(Object.fromEntries(kernels.loaded))} ${kernels.notes.join(' ')}\n`);
  const started = performance.now();
  const check = args.includes('--times-only')
    ? { cases: 0, failures: [], worst: {} }
    : checkGemms(context, kernels, new RegExp(option(args, '--kernels') ?? ''));
  check.failures.slice(0, 30).forEach((failure) => process.stdout.write(`FAILED ${failure}\n`));
  process.stdout.write(`${check.cases} cases, ${check.failures.length} failed, ${Math.round(performance.now() - started)} ms; `);
  process.stdout.write(`largest error over its bound: ${JSON.stringify(check.worst)}\n`);
  const match = new RegExp(option(args, '--match') ?? '');
  const shapes = SHAPES.filter(({ label }) => match.test(label));
  const rows = args.includes('--check-only') ? undefined : printTimes(context, kernels, shapes);
  const json = option(args, '--json');
  if (json !== undefined) writeFileSync(json, JSON.stringify({ facts: found.facts, check, rows }));
  process.exitCode = check.failures.length === 0 ? 0 : 1;
}

main(process.argv.slice(2));
