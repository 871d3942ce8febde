import { resumeRun } from '../../services/runs/runs.ts';
import type { Command } from '../command.ts';
import { DATA, DEVICE, dataOf, deviceOf, JSON_OUTPUT } from '../common-options.ts';
import { watchRun } from '../watch-run.ts';
import { withStudio } from '../with-studio.ts';

export const resumeCommand: Command = {
  name: 'resume',
  summary: 'Go on with a run that was stopped, failed or was cut off',
  usage: ['resume --out DIR'],
  options: [
    { name: 'out', value: 'DIR', help: 'Folder of the run.' },
    { ...DEVICE, help: 'Another device than before; the losses are then equal only up to rounding.' },
    DATA,
    JSON_OUTPUT,
  ],
  notes: ['A run goes on from its newest checkpoint as if it had never been interrupted: on the same device the same losses, bit for bit.'],
  endsItself: true,
  async run(args, terminal) {
    const out = args.required('out');
    const device = args.text('device') === null ? null : deviceOf(args);
    const data = dataOf(args);
    return withStudio(data, ({ runs }) =>
      watchRun(terminal, (onUpdate) => resumeRun(out, device, data, onUpdate, ({ recipe, dir }) => runs.ledgerForFolder(recipe, dir))),
    );
  },
};
