import type { JobContext } from '../job-context.ts';
import type { WarmJob } from '../protocol.ts';
import type { LoadedModel } from './loaded-model.ts';

/** Makes ready for questions to these columns; emits `memory` with what is held, then `finished`. */
export async function runWarm({ columns, promptTokens, maxNewTokens }: WarmJob, { emit, stop }: Pick<JobContext, 'emit' | 'stop'>, load: () => Promise<LoadedModel>): Promise<void> {
  const started = performance.now();
  const loaded = await load();
  stop.throwIfAborted();
  await (await loaded.generator(columns)).prepare(promptTokens, maxNewTokens);
  emit({ kind: 'memory', memory: loaded.memory() });
  emit({ kind: 'finished', result: { outcome: null, steps: 0, trainLoss: null, seconds: (performance.now() - started) / 1000 } });
}
