import { exportAdapter } from '../../services/runs/exports.ts';
import type { Command } from '../command.ts';
import { JSON_OUTPUT } from '../common-options.ts';

export const exportCommand: Command = {
  name: 'export',
  summary: 'Write a run\'s adapter as a PEFT folder',
  usage: ['export --run DIR [--checkpoint N] --out DIR'],
  options: [
    { name: 'run', value: 'DIR', help: 'Folder of the run.' },
    { name: 'checkpoint', value: 'N', help: 'Step of a checkpoint; the final adapter if not given, or the newest checkpoint of a run that has not finished.' },
    { name: 'out', value: 'DIR', help: 'Folder to write adapter_config.json and adapter_model.safetensors to.' },
    JSON_OUTPUT,
  ],
  async run(args, terminal) {
    const request = { runDir: args.required('run'), checkpoint: args.integer('checkpoint', 0), outDir: args.required('out') };
    const { outDir, source } = await exportAdapter(request);
    if (terminal.json) terminal.event({ kind: 'exported', out: outDir, source });
    else terminal.line(`Wrote ${outDir} from ${source}. PEFT loads it with PeftModel.from_pretrained(base, folder).`);
    return 0;
  },
};
