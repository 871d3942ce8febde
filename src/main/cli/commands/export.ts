import type { OutcomeKind } from '../../../shared/domain/outcome.ts';
import { exportOutcome } from '../../services/runs/exports.ts';
import type { Command } from '../command.ts';
import { JSON_OUTPUT } from '../common-options.ts';

const LOADS: Readonly<Record<OutcomeKind, string>> = {
  adapter: 'PEFT loads it with PeftModel.from_pretrained(base, folder).',
  model: 'transformers loads it with AutoModelForCausalLM.from_pretrained(folder).',
};

export const exportCommand: Command = {
  name: 'export',
  summary: 'Write what a run has trained as a folder for PEFT or transformers',
  usage: ['export --run DIR [--checkpoint N] --out DIR'],
  options: [
    { name: 'run', value: 'DIR', help: 'Folder of the run.' },
    { name: 'checkpoint', value: 'N', help: 'Step of a checkpoint; the end if not given, or the newest checkpoint of a run that has not finished.' },
    { name: 'out', value: 'DIR', help: "Folder to write to: an adapter's two files, or a whole model with its tokenizer." },
    JSON_OUTPUT,
  ],
  async run(args, terminal) {
    const request = { runDir: args.required('run'), checkpoint: args.integer('checkpoint', 0), outDir: args.required('out') };
    const { outDir, source } = await exportOutcome(request);
    if (terminal.json) terminal.event({ kind: 'exported', out: outDir, source: source.folder, outcome: source.kind });
    else terminal.line(`Wrote ${outDir} from ${source.folder}. ${LOADS[source.kind]}`);
    return 0;
  },
};
