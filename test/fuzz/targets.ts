/**
 * @file What is fuzzed: everything that reads what a stranger may have written. Each gets one input and the folder of a child process, and may
 * answer or throw an AppError, nothing else.
 */
import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { importDataset } from '../../src/main/datasets/import-dataset.ts';
import { sketchFile } from '../../src/main/datasets/sketch-file.ts';
import { openModel } from '../../src/main/engine/models/open-model.ts';
import { commandSchema, engineEventSchema, residentMessageSchema } from '../../src/main/engine/protocol.ts';
import { createChatTemplate } from '../../src/main/engine/text/chat-template/chat-template.ts';
import { loadTokenizer } from '../../src/main/engine/text/tokenizer/tokenizer.ts';
import { parseTrainerState } from '../../src/main/engine/train/trainer-state.ts';
import { openSafetensors, readTensorF32 } from '../../src/main/engine/weights/safetensors.ts';
import { contract } from '../../src/shared/contract/index.ts';
import { readingSchema } from '../../src/shared/domain/dataset-record.ts';
import { parseRecipe, withTrlLoss } from '../../src/shared/domain/recipe/parse.ts';
import { AppError } from '../../src/shared/lib/app-error.ts';
import { parityFixture } from '../support/fixture.ts';
import { FOLDER_TARGETS } from './folder-targets.ts';

export interface Target {
  /** Weight among all targets. */
  readonly share: number;
  /** Inputs of a slice that explores, where inputs are slower than most: counting what runs makes them several times as slow. */
  readonly explores?: number;
  /** Share of changes that keep JSON what it is; for inputs that are nothing once they are not JSON. */
  readonly structure?: number;
  /** Once in each folder. */
  prepare?(folder: string): Promise<void>;
  run(input: Buffer, folder: string): Promise<unknown>;
  end?(): Promise<void>;
}

const MESSAGES = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Hi \u{1f600}' },
  { role: 'assistant', content: 'Hello\n' },
];
const SCHEMAS = Object.fromEntries(
  Object.entries(contract).flatMap(([noun, procedures]) =>
    Object.entries(procedures).flatMap(([verb, procedure]) => {
      const schema = (procedure as { readonly '~orpc': { readonly inputSchema?: { safeParse(value: unknown): unknown } } })['~orpc'].inputSchema;
      return schema === undefined ? [] : [[`${noun}.${verb}`, schema] as const];
    }),
  ),
);

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
  ...FOLDER_TARGETS,
  // Loaded where it is wanted: a host is most of the studio.
  host: {
    share: 1,
    explores: 400,
    structure: 0.97,
    run: async (input, folder) => (await import('./host-target.ts')).takeInput(input, folder),
    end: async () => (await import('./host-target.ts')).closeHost(),
  },
  safetensors: {
    share: 10,
    async run(input, folder) {
      const { tensors } = await openSafetensors(await fileIn(folder, 'model.safetensors', input));
      for (const info of [...tensors.values()].slice(0, 4)) if (info.length < 1_000_000) await readTensorF32(info);
    },
  },
  tokenizer: {
    share: 2,
    explores: 300,
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
    explores: 300,
    prepare: (folder) => cp(parityFixture('text', 'tokenizer-plain'), folder, { recursive: true }),
    async run(input, folder) {
      await fileIn(folder, 'tokenizer_config.json', input);
      const tokenizer = await loadTokenizer(folder);
      await tokenizer.encode('Hello world', { addSpecialTokens: true });
      if (tokenizer.hasChatTemplate) tokenizer.chatTemplate().render({ messages: MESSAGES });
    },
  },
  template: {
    share: 34,
    async run(input) {
      const template = createChatTemplate(input.toString('utf8'), { origin: 'fuzz', specialTokens: { bos_token: '<s>', eos_token: '</s>' } });
      template.render({ messages: MESSAGES, addGenerationPrompt: true, tools: [{ name: 'f', parameters: { type: 'object' } }] });
    },
  },
  config: {
    share: 3,
    explores: 1000,
    prepare: (folder) => cp(parityFixture('models', 'llama-tied'), folder, { recursive: true }),
    async run(input, folder) {
      await fileIn(folder, 'config.json', input);
      await openModel(folder);
    },
  },
  recipe: {
    share: 2,
    explores: 300,
    async run(input) {
      withTrlLoss(parseRecipe(jsonOf(input), 'recipe.json'), 'messages');
    },
  },
  'trainer-state': { share: 9, run: async (input) => parseTrainerState(jsonOf(input), 'trainer_state.json') },
  dataset: {
    share: 2,
    explores: 200,
    async run(input, folder) {
      const file = await fileIn(folder, `data.${FORMATS[(input[0] ?? 0) % FORMATS.length]!}`, input.subarray(1));
      await sketchFile(file, readingSchema.parse({}));
      await importDataset({ file, outDir: join(folder, 'rows') });
      await rm(join(folder, 'rows'), { recursive: true });
    },
  },
  contract: {
    share: 14,
    async run(input) {
      const call = jsonOf(input) as { readonly path?: unknown; readonly input?: unknown } | undefined | null;
      const path = call?.path;
      if (typeof path === 'string' && Object.hasOwn(SCHEMAS, path)) SCHEMAS[path]!.safeParse(call!.input);
      else for (const schema of Object.values(SCHEMAS)) schema.safeParse(call);
    },
  },
  protocol: {
    share: 13,
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
