/**
 * @file What is fuzzed: everything that reads what a stranger may have written. Each gets one input and the folder of a child process, and may
 * answer or throw an AppError, nothing else.
 */
import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { importDataset } from '../../src/main/datasets/import-dataset.ts';
import { sketchFile } from '../../src/main/datasets/sketch-file.ts';
import { readPeftAdapter } from '../../src/main/engine/export/peft-adapter.ts';
import { openModel } from '../../src/main/engine/models/open-model.ts';
import { commandSchema, engineEventSchema, residentMessageSchema } from '../../src/main/engine/protocol.ts';
import { createChatTemplate } from '../../src/main/engine/text/chat-template/chat-template.ts';
import { loadTokenizer } from '../../src/main/engine/text/tokenizer/tokenizer.ts';
import { listCheckpoints } from '../../src/main/engine/train/checkpoint.ts';
import { parseTrainerState } from '../../src/main/engine/train/trainer-state.ts';
import { openSafetensors, readTensorF32 } from '../../src/main/engine/weights/safetensors.ts';
import { openRunFolder } from '../../src/main/services/runs/run-folder.ts';
import { contract } from '../../src/shared/contract/index.ts';
import { readingSchema } from '../../src/shared/domain/dataset-record.ts';
import { parseRecipe, withTrlLoss } from '../../src/shared/domain/recipe/parse.ts';
import { AppError } from '../../src/shared/lib/app-error.ts';
import { parityFixture } from '../support/fixture.ts';

export interface Target {
  /** Of a hundred inputs over all targets. */
  readonly share: number;
  /** Once in each folder. */
  prepare?(folder: string): Promise<void>;
  run(input: Buffer, folder: string): Promise<unknown>;
}

const MESSAGES = [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Hi \u{1f600}' }, { role: 'assistant', content: 'Hello\n' }];
const LINEARS = ['q_proj', 'v_proj'].flatMap((name) => [0, 1].map((layer) => ({ path: `model.layers.${layer}.self_attn.${name}`, in: 64, out: 64, bias: false })));
const SCHEMAS = Object.fromEntries(Object.entries(contract).flatMap(([noun, procedures]) => Object.entries(procedures).flatMap(([verb, procedure]) => {
  const schema = (procedure as { readonly '~orpc': { readonly inputSchema?: { safeParse(value: unknown): unknown } } })['~orpc'].inputSchema;
  return schema === undefined ? [] : [[`${noun}.${verb}`, schema] as const];
})));

/** JSON of the input; one that is none has been refused by whoever reads it. */
function jsonOf(input: Buffer): unknown {
  try {
    return JSON.parse(input.toString('utf8'));
  } catch {
    return undefined;
  }
}

async function fileIn(folder: string, name: string, input: Buffer): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, input);
  return file;
}

/** The format is the first byte's: JSONL, JSON or CSV. */
const FORMATS = ['jsonl', 'json', 'csv', 'tsv'] as const;

export const TARGETS: Readonly<Record<string, Target>> = {
  safetensors: {
    share: 8,
    async run(input, folder) {
      const { tensors } = await openSafetensors(await fileIn(folder, 'model.safetensors', input));
      for (const info of [...tensors.values()].slice(0, 4)) if (info.length < 1_000_000) await readTensorF32(info);
    },
  },
  tokenizer: {
    share: 4,
    prepare: (folder) => writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify({ tokenizer_class: 'PreTrainedTokenizerFast' })),
    async run(input, folder) {
      await fileIn(folder, 'tokenizer.json', input);
      const tokenizer = await loadTokenizer(folder);
      const [ids] = await tokenizer.encodeBatch(['Hello world  a\u{1f600}é天\n', '', 'aaaa bbbb'], { addSpecialTokens: true });
      await tokenizer.decode(ids!, { skipSpecialTokens: true });
    },
  },
  'tokenizer-config': {
    share: 3,
    prepare: (folder) => cp(parityFixture('text', 'tokenizer-plain'), folder, { recursive: true }),
    async run(input, folder) {
      await fileIn(folder, 'tokenizer_config.json', input);
      const tokenizer = await loadTokenizer(folder);
      await tokenizer.encode('Hello world', { addSpecialTokens: true });
      if (tokenizer.hasChatTemplate) tokenizer.chatTemplate().render({ messages: MESSAGES });
    },
  },
  template: {
    share: 30,
    async run(input) {
      const template = createChatTemplate(input.toString('utf8'), { origin: 'fuzz', specialTokens: { bos_token: '<s>', eos_token: '</s>' } });
      template.render({ messages: MESSAGES, addGenerationPrompt: true, tools: [{ name: 'f', parameters: { type: 'object' } }] });
    },
  },
  adapter: {
    share: 6,
    prepare: (folder) => cp(parityFixture('training', 'llama-untied-text', 'final-adapter', 'adapter_model.safetensors'), join(folder, 'adapter_model.safetensors')),
    async run(input, folder) {
      await fileIn(folder, 'adapter_config.json', input);
      await readPeftAdapter(folder, LINEARS);
    },
  },
  config: {
    share: 5,
    prepare: (folder) => cp(parityFixture('models', 'llama-tied'), folder, { recursive: true }),
    async run(input, folder) {
      await fileIn(folder, 'config.json', input);
      await openModel(folder);
    },
  },
  recipe: {
    share: 6,
    async run(input) {
      withTrlLoss(parseRecipe(jsonOf(input), 'recipe.json'), 'messages');
    },
  },
  status: {
    share: 5,
    async prepare(folder) {
      await writeFile(join(folder, 'recipe.json'), JSON.stringify({ model: '/m', dataset: { file: '/d.jsonl' } }));
    },
    async run(input, folder) {
      await fileIn(folder, 'status.json', input);
      await openRunFolder(folder);
      await listCheckpoints(folder);
    },
  },
  'trainer-state': { share: 5, run: async (input) => parseTrainerState(jsonOf(input), 'trainer_state.json') },
  dataset: {
    share: 8,
    async run(input, folder) {
      const file = await fileIn(folder, `data.${FORMATS[(input[0] ?? 0) % FORMATS.length]!}`, input.subarray(1));
      await sketchFile(file, readingSchema.parse({}));
      await importDataset({ file, outDir: join(folder, 'rows') });
      await rm(join(folder, 'rows'), { recursive: true });
    },
  },
  contract: {
    share: 10,
    async run(input) {
      const call = jsonOf(input) as { readonly path?: unknown; readonly input?: unknown } | undefined | null;
      const path = call?.path;
      if (typeof path === 'string' && Object.hasOwn(SCHEMAS, path)) SCHEMAS[path]!.safeParse(call!.input);
      else for (const schema of Object.values(SCHEMAS)) schema.safeParse(call);
    },
  },
  protocol: {
    share: 10,
    async run(input) {
      const message = jsonOf(input);
      for (const schema of [commandSchema, engineEventSchema, residentMessageSchema]) schema.safeParse(message);
    },
  },
};

/** What no reader may do, to test the net itself: named by the input. */
export const FAULTY: Target = {
  share: 0,
  async run(input) {
    switch (input.toString('utf8')) {
      case 'hang':
        for (;;);
      case 'outside':
        return writeFile(join('..', 'outside', 'made'), 'x');
      case 'abort':
        return process.abort();
      case 'memory': {
        const held = Array.from({ length: 11 }, () => Buffer.alloc(2 ** 27, 1));
        return new Promise((resolve) => setTimeout(() => resolve(held.length), 5000));
      }
      default:
        throw new TypeError('not an AppError');
    }
  },
};

export function isAppError(error: unknown): boolean {
  return error instanceof AppError && error.message.length < 20_000;
}
