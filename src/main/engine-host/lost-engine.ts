import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../shared/lib/app-error.ts';
import { tokenizerStop, withoutBacktrace } from './lost-job.ts';

/** Characters of the end of what an engine printed that a message repeats; all that is kept is in the data. */
const MAX_PRINTED = 600;

/** What an engine's watchdog prints last (engine/watchdog-thread.ts). */
const reportSchema = z.object({
  watchdog: z.object({
    reason: z.literal('memory'),
    limit: z.number(),
    doing: z.enum(['opening', 'reading', 'encoding', 'loading', 'compiling', 'training', 'generating', 'exporting', 'probing']),
    model: z.string().nullable(),
  }),
});
type MemoryReport = z.infer<typeof reportSchema>['watchdog'];

/** Who needed too much memory for what, and what can be done. */
const WORK: Readonly<Record<MemoryReport['doing'], readonly [needed: (model: string, amount: string) => string, remedy: string]>> = {
  opening: [(model, amount) => `Opening ${model} needed ${amount}`, 'Look whether its files are those that were published with the model.'],
  reading: [(model, amount) => `Reading the rows for ${model} needed ${amount}`, 'Leave out the longest rows.'],
  encoding: [
    (model, amount) =>
      `${join(model, 'tokenizer.json')}: turning rows into tokens with this tokenizer needed ${amount}, and no real tokenizer needs that`,
    'Take the tokenizer and chat template that were published with the model.',
  ],
  loading: [(model, amount) => `Loading ${model} needed ${amount}`, 'Choose a smaller model, or bf16.'],
  compiling: [
    (model, amount) => `Preparing the computation with ${model} needed ${amount}`,
    'Lower the batch size or the maximum length, or choose a smaller model.',
  ],
  training: [(model, amount) => `Training ${model} needed ${amount}`, 'Lower the batch size or the maximum length, or choose a smaller model.'],
  generating: [(model, amount) => `Answering with ${model} needed ${amount}`, 'Ask for shorter answers or fewer at once, or choose a smaller model.'],
  exporting: [(model, amount) => `Exporting an adapter of ${model} needed ${amount}`, 'Look whether its files are those that training wrote.'],
  probing: [(_, amount) => `Looking for devices needed ${amount}`, 'Look whether the graphics driver works.'],
};

/** The process ended without a last word, or was ended by its watchdog. @param how completes "The engine process ..." @param output what it had printed @param model the folder it worked with, where it is one */
export function lostEngine(how: string, output: string, remedy: string, model: string | null): AppError {
  const report = memoryReport(output);
  if (report !== null) return tooMuchMemory(report);
  const stopped = tokenizerStop(output, model);
  if (stopped !== null) return stopped;
  const printed = withoutBacktrace(output);
  return new AppError({
    code: 'ENGINE-LOST',
    message: `The engine process ${how}, without a last word.${printed ? ` It had printed: ${printed.length > MAX_PRINTED ? '…' : ''}${printed.slice(-MAX_PRINTED)}` : ''}`,
    data: { output: printed },
    remedy,
  });
}

function memoryReport(output: string): MemoryReport | null {
  const last = output.trimEnd().split('\n').at(-1)!;
  if (!last.startsWith('{"watchdog":')) return null;
  try {
    return reportSchema.parse(JSON.parse(last)).watchdog;
  } catch {
    // Something else that looks like it; it is told as what was printed.
    return null;
  }
}

function tooMuchMemory({ limit, doing, model }: MemoryReport): AppError {
  const [needed, remedy] = WORK[doing];
  const amount = `more than ${Number((limit / 2 ** 30).toFixed(1))} GiB of memory`;
  return new AppError({
    code: 'ENGINE-MEMORY',
    message: `${needed(model ?? 'a model', amount)}. The engine was ended before the machine ran out of it.`,
    data: { limit, doing, ...(model === null ? {} : { model }) },
    remedy,
  });
}
