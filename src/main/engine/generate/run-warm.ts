import type { JobContext } from '../job-context.ts';
import type { WarmJob } from '../protocol.ts';
import type { LoadedModel } from './loaded-model.ts';

/** Makes ready for questions to these columns; emits `memory` with what is held. */
export async function runWarm(
  { columns, promptTokens, maxNewTokens }: WarmJob,
  { emit, stop }: Pick<JobContext, 'emit' | 'stop'>,
  load: () => Promise<LoadedModel>,
): Promise<void> {
  const loaded = await load();
  stop.throwIfAborted();
  await (await loaded.generator(columns)).prepare(promptTokens, maxNewTokens);
  emit({ kind: 'memory', memory: loaded.memory() });
}
