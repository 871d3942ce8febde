import { METRICS, TOLD_METRICS } from '../../../shared/domain/metrics.ts';
import { loadRecipe } from '../../services/runs/recipes.ts';
import { startRun } from '../../services/runs/runs.ts';
import { type Command, type CommandArgs, UsageError } from '../command.ts';
import { DATA, DEVICE, dataOf, deviceOf, JSON_OUTPUT, SET, settingsOf, THREADS, threadsOf } from '../common-options.ts';
import { watchRun } from '../watch-run.ts';
import { withStudio } from '../with-studio.ts';

export const trainCommand: Command = {
  name: 'train',
  summary: 'Fine-tune a model as a recipe says',
  usage: ['train --recipe FILE --out DIR', 'train --model DIR --dataset FILE --out DIR'],
  options: [
    { name: 'recipe', value: 'FILE', help: 'The recipe (JSON); paths in it count from its folder.' },
    { name: 'model', value: 'DIR', help: 'Model folder: config.json, safetensors, tokenizer.json. Overrides the recipe.' },
    { name: 'dataset', value: 'FILE', help: 'JSON, JSONL or CSV file. Overrides the recipe.' },
    SET,
    { name: 'out', value: 'DIR', help: 'Folder of the run: recipe, log, checkpoints, and in the end the adapter or the model.' },
    DEVICE,
    THREADS,
    DATA,
    JSON_OUTPUT,
  ],
  notes: [
    'Ctrl-C finishes the step, saves a checkpoint and ends with code 130; "tunesmith resume" goes on from there. A second Ctrl-C ends at once.',
    `With --json, "step" lines carry the step and what was measured: ${TOLD_METRICS.map((name) => `${name} (${METRICS[name].help})`).join(', ')}.`,
  ],
  endsItself: true,
  async run(args, terminal) {
    const source = recipeSource(args);
    const outDir = args.required('out');
    const [device, threads] = [deviceOf(args), threadsOf(args)];
    const { recipe, notices } = await loadRecipe(source);
    const data = dataOf(args);
    return withStudio(data, ({ runs }) =>
      watchRun(terminal, (onUpdate) => startRun({ recipe, notices, outDir, device, threads }, data, onUpdate, runs.ledgerForCommand(recipe, outDir))),
    );
  },
};

/** The recipe that --recipe, --model, --dataset and --set describe. */
export function recipeSource(args: CommandArgs): Parameters<typeof loadRecipe>[0] {
  const [file, model, dataset] = [args.text('recipe'), args.text('model'), args.text('dataset')];
  if (file === null && (model === null || dataset === null)) throw new UsageError('give --recipe FILE, or both --model DIR and --dataset FILE');
  const values = { ...(model === null ? {} : { model }), ...(dataset === null ? {} : { 'dataset.file': dataset }), ...settingsOf(args) };
  return { file, values };
}
