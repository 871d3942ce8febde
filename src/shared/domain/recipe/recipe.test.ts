import { describe, expect, it } from 'vitest';
import { AppError } from '../../lib/app-error.ts';
import { FIELD_GROUPS } from './field.ts';
import { recipeSchema, stepCount } from './recipe.ts';
import { describeFields, rangeText, recipeJsonSchema } from './described-fields.ts';
import { parseRecipe, upgradeRecipe } from './parse.ts';

const MINIMAL = { model: 'm', dataset: { file: 'd.jsonl' } };

function problemsOf(recipe: unknown): readonly string[] {
  try {
    parseRecipe(recipe, 'r.json');
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).message).toContain('r.json');
    return (error as AppError).data?.['problems'] as readonly string[];
  }
  return [];
}

describe('parseRecipe', () => {
  it('fills every default', () => {
    const { recipe, notices } = parseRecipe(MINIMAL);
    expect(notices).toEqual([]);
    expect(recipe).toMatchObject({
      version: 1,
      adapter: null,
      dataset: { format: 'auto' },
      loss: 'auto',
      max_length: 1024,
      learning_rate: 2e-4,
      lora: { r: 16, lora_alpha: 32, target_modules: 'all-linear' },
      save_total_limit: 3,
      seed: 42,
      data_seed: null,
    });
    expect(parseRecipe(recipe)).toEqual({ recipe, notices: [], asTrl: false });
  });

  it('says what was set and means nothing beside the rest', () => {
    const { notices } = parseRecipe({ ...MINIMAL, adapter: 'a', lora: { r: 8, lora_dropout: 0.1 } });
    expect(notices).toEqual([expect.stringMatching(/goes on from an adapter/), 'lora.r is not used: it applies where adapter is not set.']);
    expect(parseRecipe({ ...MINIMAL, lora: { r: 8 } }).notices).toEqual([]);
  });

  it.each<readonly [string, Record<string, unknown>, Record<string, unknown>, RegExp]>([
    ['TRL names', { max_seq_length: 256 }, { max_length: 256 }, /max_seq_length is read as max_length 256/],
    ['PEFT names', { lora_alpha: 8 }, { lora: { r: 16, lora_alpha: 8 } }, /lora_alpha is read as lora\.lora_alpha 8/],
    ['warmup_ratio', { warmup_ratio: 0.1 }, { warmup_steps: 0.1 }, /warmup_ratio is read as warmup_steps 0\.1/],
    ['completion_only_loss', { completion_only_loss: false }, { loss: 'all' }, /read as loss "all"/],
    ['assistant_only_loss', { assistant_only_loss: true }, { loss: 'assistant' }, /read as loss "assistant"/],
    ['bf16', { bf16: true }, { precision: 'bf16' }, /read as precision "bf16"/],
    ['harmless settings', { eval_packing: false }, {}, /eval_packing changes nothing here/],
    ['output folder', { output_dir: 'x' }, {}, /output_dir is left out/],
    [
      'the Alpaca template of 0.1.0',
      { dataset: { file: 'x', alpaca: 'template' } },
      { dataset: { file: 'x', pairs: 'headings' } },
      /dataset\.alpaca is read as dataset\.pairs "headings"/,
    ],
    [
      'the Alpaca chat of 0.1.0',
      { dataset: { file: 'x', alpaca: 'chat' } },
      { dataset: { file: 'x', pairs: 'chat' } },
      /dataset\.alpaca is read as dataset\.pairs "chat"/,
    ],
    ['numbers as YAML gives them', { learning_rate: '2e-4' }, { learning_rate: 2e-4 }, /^learning_rate "2e-4" is read as 0\.0002\.$/],
    ['numbers as people write them', { max_length: '1,024' }, { max_length: 1024 }, /read as 1024/],
    ['percentages', { warmup_steps: '3%' }, { warmup_steps: 0.03 }, /read as 0\.03/],
    ['dataset as text', { dataset: 'x.csv' }, { dataset: { file: 'x.csv' } }, /dataset is read as dataset\.file/],
  ])('reads %s with a notice', (_name, extra, expected, notice) => {
    const { recipe, notices } = parseRecipe({ ...MINIMAL, ...extra });
    expect(recipe).toMatchObject(expected);
    expect(notices).toEqual([expect.stringMatching(notice)]);
  });

  it.each<readonly [string, Record<string, unknown>, RegExp]>([
    ['missing model', { model: undefined }, /^model \(Model folder\) is missing$/],
    ['missing file', { dataset: {} }, /^dataset\.file \(Dataset file\) is missing$/],
    ['text for a number', { seed: 'four' }, /^seed \(Seed\) must be a number, but is "four": this is not a number$/],
    ['a number with two meanings', { learning_rate: '1,024' }, /learning_rate .* this can mean 1024 or 1\.024\. Write the one you mean$/],
    ['a share above all', { warmup_steps: '100%' }, /warmup_steps .* a share of all steps must be below 100%$/],
    ['fraction for a count', { max_length: 1.5 }, /^max_length \(Longest example\) must be a whole number, but is 1\.5$/],
    ['too small', { lora: { r: 0 } }, /^lora\.r \(Rank\) must be at least 1, but is 0$/],
    ['exclusive bound', { learning_rate: 0 }, /^learning_rate \(Learning rate\) must be more than 0, but is 0$/],
    ['too large', { adam_beta2: 1 }, /must be less than 1, but is 1$/],
    ['infinity', { weight_decay: Infinity }, /^weight_decay/],
    ['not a choice', { lr_scheduler_type: 'cosinus' }, /must be "linear", "cosine", "constant" or "constant_with_warmup", but is "cosinus"$/],
    ['step fraction above one', { save_steps: 1.5 }, /must be a whole number of steps, or a share of all steps between 0 and 1, but is 1\.5$/],
    ['targets', { lora: { target_modules: 3 } }, /must be "all-linear" or a list of module names/],
    ['mistyped key', { learning_rte: 1 }, /^learning_rte is not a field of the recipe; did you mean learning_rate\?$/],
    ['mistyped nested key', { lora: { lora_alfa: 1 } }, /^lora\.lora_alfa is not a field of the recipe; did you mean lora\.lora_alpha\?$/],
    ['foreign key', { zzzzzzzzzzzzzz: 1 }, /^zzzzzzzzzzzzzz is not a field of the recipe$/],
    ['keep none', { save_total_limit: 0 }, /save_total_limit \(Checkpoints kept\) must be at least 1/],
    ['both warm-ups', { warmup_steps: 3, warmup_ratio: 0.1 }, /warmup_ratio and warmup_steps say the same thing/],
    ['warm-up beyond the end', { warmup_steps: 30, max_steps: 20 }, /warmup_steps 30 is more than max_steps 20/],
    ['warm-up without effect', { warmup_steps: 3, lr_scheduler_type: 'constant' }, /"constant" ignores warmup_steps/],
    ['no end', { num_train_epochs: 0 }, /neither says how long to train/],
    ['no steps', { max_steps: 0 }, /max_steps must be -1/],
    ['no completions', { loss: 'completion', dataset: { file: 'd', format: 'messages' } }, /needs prompts and completions/],
    ['no conversations', { loss: 'assistant', dataset: { file: 'd', format: 'text' } }, /needs conversations/],
    ['plain prompts', { loss: 'assistant', dataset: { file: 'd', format: 'question-answer', pairs: 'headings' } }, /set dataset\.pairs to "chat"/],
    [
      'two names for the style of pairs',
      { dataset: { file: 'd', alpaca: 'chat', pairs: 'plain' } },
      /dataset\.alpaca and dataset\.pairs say the same thing/,
    ],
    ['an unknown Alpaca style', { dataset: { file: 'd', alpaca: 'x' } }, /dataset\.alpaca must be "template" or "chat"/],
    ['float16', { fp16: true }, /float16 training is not supported/],
    ['another optimiser', { optim: 'lion_8bit' }, /^optim "lion_8bit" is not supported: only adamw_torch, sgd and adafactor are$/],
    ['future feature', { group_by_length: true }, /^group_by_length true is not supported yet$/],
    ['bad warm-up ratio', { warmup_ratio: 2 }, /warmup_ratio must be a number from 0 to below 1/],
    ['newer version', { version: 2 }, /written by a newer Tunesmith/],
    ['odd version', { version: 'x' }, /version must be a whole number/],
  ])('refuses: %s', (_name, extra, message) => {
    expect(problemsOf({ ...MINIMAL, ...extra })).toEqual([expect.stringMatching(message)]);
  });

  it('reports all problems at once, and what is no recipe', () => {
    expect(problemsOf({ dataset: {}, seed: -1, bogus_key: 1 })).toHaveLength(4);
    for (const input of [null, [], 'text', 3]) expect(problemsOf(input)).toEqual(['the recipe must be an object with named values']);
  });

  it('is not fooled by keys of Object.prototype', () => {
    expect(problemsOf(JSON.parse('{"model":"m","dataset":{"file":"d"},"constructor":1}'))).toEqual([
      expect.stringMatching(/^constructor is not a field/),
    ]);
    parseRecipe(JSON.parse('{"model":"m","dataset":{"file":"d"},"lora":{"r":2}}'));
    expect(({} as Record<string, unknown>)['r']).toBeUndefined();
  });

  it('says that a starting adapter decides the shape', () => {
    expect(parseRecipe({ ...MINIMAL, adapter: 'a' }).notices).toEqual([expect.stringMatching(/come from it/)]);
  });
});

describe('upgradeRecipe', () => {
  const upgraders = {
    1: { name: 'rank-into-lora', upgrade: ({ rank, ...rest }: Readonly<Record<string, unknown>>) => ({ ...rest, lora: { r: rank } }) },
    2: { name: 'nothing', upgrade: (recipe: Readonly<Record<string, unknown>>) => recipe },
  };

  it('goes step by step and says so', () => {
    expect(upgradeRecipe({ version: 1, rank: 4 }, 'r', upgraders, 3)).toEqual({
      recipe: { version: 3, lora: { r: 4 } },
      notices: [expect.stringContaining('rank-into-lora'), expect.stringContaining('nothing')],
    });
  });

  it('refuses a version whose upgrader is gone', () => {
    expect(() => upgradeRecipe({ version: 1 }, 'r', {}, 2)).toThrow(/cannot be read any more/);
  });
});

describe('fields', () => {
  const fields = describeFields();

  it('all have a label, a sentence and a group', () => {
    for (const { path, label, help, group } of fields) {
      expect(label, path).toMatch(/^[A-Z][\w -]+$/);
      expect(help, path).toMatch(/^[A-Z].*\.$/);
      expect(FIELD_GROUPS, path).toContain(group);
    }
    expect(new Set(fields.map(({ path }) => path)).size).toBe(fields.length);
    expect(fields.filter(({ required }) => required).map(({ path }) => path)).toEqual(['model', 'dataset.file']);
  });

  it('carry type, range, choices and default of the schema', () => {
    const byPath = new Map(fields.map((field) => [field.path, field]));
    expect(byPath.get('lora.r')).toMatchObject({ type: 'integer', default: 16, nullable: false, unit: null });
    expect(rangeText(byPath.get('lora.r')!)).toBe('at least 1, at most 1024');
    expect(rangeText(byPath.get('learning_rate')!)).toBe('more than 0, at most 10');
    expect(rangeText(byPath.get('model')!)).toBe('');
    expect(byPath.get('save_total_limit')).toMatchObject({ type: 'integer', nullable: true, default: 3 });
    expect(byPath.get('precision')).toMatchObject({ type: 'choice', choices: ['auto', 'f32', 'bf16'] });
    expect(byPath.get('lora.target_modules')).toMatchObject({ type: 'list', choices: ['all-linear'] });
    expect(byPath.get('max_length')).toMatchObject({ unit: 'tokens' });
  });

  it('give defaults that the schema itself accepts', () => {
    const parsed = recipeSchema.parse(MINIMAL) as unknown as Record<string, unknown>;
    for (const { path, required, default: value } of fields) {
      if (required) continue;
      const actual = path.split('.').reduce<unknown>((owner, key) => (owner as Record<string, unknown>)[key], parsed);
      expect(actual, path).toEqual(value);
    }
  });

  it('make a JSON Schema that allows nothing else', () => {
    expect(recipeJsonSchema()).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      additionalProperties: false,
      required: ['model', 'dataset'],
    });
  });
});

it('stepCount reads shares as transformers does', () => {
  expect([stepCount(0, 101), stepCount(0.03, 101), stepCount(7, 101), stepCount(1, 101)]).toEqual([0, 4, 7, 1]);
});
