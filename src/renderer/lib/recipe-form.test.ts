import { expect, it } from 'vitest';
import { recipeSchema, recipeSettingsSchema } from '../../shared/domain/recipe/recipe.ts';
import { FIELD_WORDS } from '../../shared/domain/recipe/field-words.ts';
import { sayIn } from '../../shared/lib/said.ts';
import { draftOf, FORM_FIELDS, formState, isChanged, nestedSettings, shownFields, stepsOf, withValue } from './recipe-form.ts';

const field = (path: string) => FORM_FIELDS.find((each) => each.path === path)!;

it('has every setting of the schema and nothing that is chosen elsewhere', () => {
  const tops = new Set(FORM_FIELDS.map(({ path }) => path.split('.')[0]));
  expect([...tops].sort()).toEqual(Object.keys(recipeSettingsSchema.shape).sort());
});

it('sends only what was changed, and a value set back is no change', () => {
  const draft = withValue(withValue({}, field('lora.r'), 4), field('learning_rate'), 1e-3);
  expect(nestedSettings(draft)).toEqual({ lora: { r: 4 }, learning_rate: 1e-3 });
  const back = withValue(draft, field('lora.r'), 16);
  expect(nestedSettings(back)).toEqual({ learning_rate: 1e-3 });
  expect(isChanged(back, field('lora.r'))).toBe(false);
});

it('neither shows nor sends what means nothing beside the rest, and has it back when it does', () => {
  const tuned = withValue({}, field('lora.r'), 4);
  const further = withValue(tuned, field('adapter'), '/adapters/a');
  const paths = (draft: typeof tuned) => shownFields(true, '', () => ({ label: '', help: '' }), draft).map(({ path }) => path);
  expect(paths(tuned)).toContain('lora.r');
  expect(paths(further)).not.toContain('lora.r');
  expect(paths(further)).toContain('lora.lora_dropout');
  expect(nestedSettings(further)).toEqual({ adapter: '/adapters/a' });
  expect(nestedSettings(withValue(further, field('adapter'), null))).toEqual({ lora: { r: 4 } });
});

it('gives the schema its defaults unchanged, shares, nulls and lists included', () => {
  expect(formState({})).toEqual({ kind: 'valid', settings: recipeSettingsSchema.parse({}) });
  const state = formState({ warmup_steps: 0.1, save_total_limit: null, 'lora.target_modules': ['q_proj'] });
  expect(state).toMatchObject({ kind: 'valid', settings: { warmup_steps: 0.1, save_total_limit: null, lora: { target_modules: ['q_proj'] } } });
});

it('says at which field something is wrong', () => {
  const state = formState({ 'lora.r': 0, save_steps: 1.5 });
  expect(state.kind === 'invalid' && [...state.problems.keys()]).toEqual(['lora.r', 'save_steps']);
});

it('keeps what is no number and says why in words of a person', () => {
  const state = formState({
    learning_rate: '1,024',
    max_length: '12 apples',
    seed: null,
    weight_decay: 3,
    adam_beta1: 1,
    max_grad_norm: -1,
    'lora.r': 1.5,
  });
  expect(state.kind === 'invalid' && Object.fromEntries([...state.problems].map(([path, said]) => [path, sayIn(FIELD_WORDS, said)]))).toEqual({
    learning_rate: 'This can mean 1024 or 1.024. Write the one you mean.',
    max_length: '“apples” does not belong here. Write the number alone.',
    seed: 'This field needs a value.',
    weight_decay: 'Must be at most 1.',
    adam_beta1: 'Must be less than 1.',
    max_grad_norm: 'Must be at least 0.',
    'lora.r': 'Must be a whole number.',
  });
});

it('never shows a word of the schema library, whatever is in a field', () => {
  for (const field of FORM_FIELDS) {
    for (const value of [null, 'x', -5, 0, 1.5, 1e9, Infinity, Number.NaN, true, [], {}, [3]]) {
      const state = formState({ [field.path]: value });
      if (state.kind === 'valid') continue;
      for (const said of state.problems.values())
        expect(sayIn(FIELD_WORDS, said), `${field.path} ${String(value)}`).not.toMatch(/expected|received|invalid|too small|too big|null|undefined/i);
    }
  }
});

it('takes over the settings of an earlier run', () => {
  const recipe = recipeSchema.parse({ model: '/m', dataset: { file: '/d' }, lora: { r: 8 }, num_train_epochs: 0.5, chat_template: 'x' });
  const state = formState(draftOf(recipe));
  const { version: _version, model: _model, dataset: _dataset, ...settings } = recipe;
  expect(state).toEqual({ kind: 'valid', settings });
  expect(Object.keys(draftOf(recipe)).sort()).toEqual(['chat_template', 'lora.r', 'num_train_epochs']);
});

it('keeps a changed field in sight', () => {
  const text = (path: string) => ({ label: path, help: '' });
  const advanced = FORM_FIELDS.find((each) => each.advanced)!;
  expect(shownFields(false, '', text, {})).not.toContain(advanced);
  expect(shownFields(false, '', text, { [advanced.path]: 'x' })).toContain(advanced);
  expect(shownFields(true, 'LORA.R', text, {}).map(({ path }) => path)).toEqual(['lora.r']);
});

it('counts steps: the last window of an epoch may be short', () => {
  const settings = recipeSettingsSchema.parse({ per_device_train_batch_size: 4, gradient_accumulation_steps: 2, num_train_epochs: 3 });
  expect(stepsOf(settings, 100)).toBe(39);
  expect(stepsOf(settings, null)).toBeNull();
  expect(stepsOf({ ...settings, max_steps: 7 }, 100)).toBe(7);
});
