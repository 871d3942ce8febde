import { join } from 'node:path';
import type { DataFolder } from '../../../shared/domain/data-folder.ts';
import { RESOURCES } from '../../app/paths.ts';
import { readPrompts } from '../../services/compare/prompt-files.ts';
import { loadRecipe } from '../../services/runs/recipes.ts';
import { startRun } from '../../services/runs/runs.ts';
import { showAnswers } from '../answers.ts';
import type { Command } from '../command.ts';
import { DATA, DEVICE, dataOf, JSON_OUTPUT, THREADS, threadsOf } from '../common-options.ts';
import { watchRun } from '../watch-run.ts';
import { withStudio } from '../with-studio.ts';

const DEVICES = ['cpu', 'auto', 'cuda', 'reference'] as const;

export const demoCommand: Command = {
  name: 'demo',
  summary: 'Fine-tune the bundled starter model and compare it with its base (two minutes, no network)',
  usage: ['demo'],
  options: [{ ...DEVICE, help: 'cpu (default), auto, cuda or reference.' }, THREADS, DATA, JSON_OUTPUT],
  endsItself: true,
  async run(args, terminal) {
    const starter = join(RESOURCES, 'starter');
    const device = args.choice('device', DEVICES, 'cpu');
    const data = dataOf(args);
    const outDir = newRunFolder(data);
    const { recipe, notices } = await loadRecipe({ file: join(starter, 'recipe.json'), values: {} });
    const prompts = await readPrompts(join(starter, 'prompts.json'));
    const code = await withStudio(data, ({ runs }) =>
      watchRun(terminal, (onUpdate) =>
        startRun({ recipe, notices, outDir, device, threads: threadsOf(args) }, data, onUpdate, runs.ledgerForCommand(recipe, outDir)),
      ),
    );
    if (code !== 0) return code;
    if (!terminal.json) terminal.line(`\n${terminal.paint('bold', 'The same questions, asked before and after:')}\n`);
    return showAnswers(
      {
        model: recipe.model,
        columns: [
          { name: 'base', weights: null },
          { name: 'tuned', weights: { kind: 'adapter', folder: join(outDir, 'adapter') } },
        ],
        prompts,
        maxNewTokens: 80,
        sampling: { doSample: false, temperature: 1, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 },
        seed: 42,
        precision: recipe.precision,
        device,
        threads: threadsOf(args),
      },
      data,
      terminal,
    );
  },
};

/** A folder of its own for each time: what a person has trained is never overwritten. */
function newRunFolder({ runs }: DataFolder): string {
  const time = new Date().toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '');
  return join(runs, `demo-${time}-${process.pid}`);
}
