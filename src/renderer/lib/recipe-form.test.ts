import { expect, it } from 'vitest';
import { recipeSchema, recipeSettingsSchema } from '../../shared/domain/recipe.ts';
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

it('gives the schema its defaults unchanged, shares, nulls and lists included', () => {
  expect(formState({})).toEqual({ kind: 'valid', settings: recipeSettingsSchema.parse({}) });
  const state = formState({ warmup_steps: 0.1, save_total_limit: null, 'lora.target_modules': ['q_proj'] });
  expect(state).toMatchObject({ kind: 'valid', settings: { warmup_steps: 0.1, save_total_limit: null, lora: { target_modules: ['q_proj'] } } });
});

it('says at which field something is wrong', () => {
  const state = formState({ 'lora.r': 0, warmup_steps: 1.5 });
  expect(state.kind === 'invalid' && [...state.problems.keys()]).toEqual(['lora.r', 'warmup_steps']);
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
