import { Select, Switch, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { RecipeField } from '../../../shared/domain/recipe/described-fields.ts';
import { numberKindOf } from '../../../shared/domain/recipe/numbers.ts';
import { useUnit } from '../../i18n/field-words.ts';
import { NumberField } from '../number-field/number-field.tsx';

export interface FieldControlProps {
  readonly field: RecipeField;
  readonly label: string;
  readonly help: string;
  readonly value: unknown;
  readonly error: string | undefined;
  /** What is legal and hardly meant. */
  readonly advice?: readonly string[] | undefined;
  readonly onChange: (value: unknown) => void;
}

type Control = (props: FieldControlProps) => React.JSX.Element;

/** The control of each type of field: a table, so that a new field of the schema is a field of the form. */
const CONTROLS: { readonly [T in RecipeField['type']]: Control } = {
  integer: NumericField,
  number: NumericField,
  boolean: ({ label, help, value, onChange }) => (
    <Switch label={label} description={help} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />
  ),
  choice: ChoiceField,
  list: ListField,
  table: TextField,
  text: TextField,
};

export function FieldControl(props: FieldControlProps) {
  const Chosen = CONTROLS[props.field.type];
  return <Chosen {...props} />;
}

function NumericField({ field, label, help, value, error, advice, onChange }: FieldControlProps) {
  const { t } = useTranslation();
  const unitOf = useUnit();
  const kind = useMemo(() => numberKindOf(field), [field]);
  const number = typeof value === 'number' ? value : null;
  // A learning rate is stepped by its own size, a count by one.
  const step = field.type === 'integer' || number === null || number >= 1 ? 1 : 10 ** Math.floor(Math.log10(number || 0.1));
  const isShare = kind.share === true && number !== null && number > 0 && number < 1;
  const unit = field.unit === null ? undefined : isShare ? t('number.ofAllSteps') : unitOf(field.unit, number ?? 2);
  return (
    <NumberField
      label={label}
      description={help}
      error={error}
      advice={advice ?? []}
      kind={kind}
      step={step}
      placeholder={field.nullable ? t('unset') : ''}
      unit={unit}
      value={typeof value === 'number' || typeof value === 'string' ? value : null}
      // Nothing is no number: the schema says so where the field must have one.
      onChange={onChange}
    />
  );
}

function ChoiceField({ field, label, help, value, error, onChange }: FieldControlProps) {
  const { t } = useTranslation();
  const wordOf = useChoiceWord();
  const data = (field.choices ?? []).map((choice) => ({ value: String(choice), label: wordOf(field.path, String(choice)) }));
  return (
    <Select
      label={label}
      description={help}
      error={error}
      data={data}
      value={value === null ? null : String(value)}
      allowDeselect={field.nullable}
      clearable={field.nullable}
      placeholder={field.nullable ? t('unset') : ''}
      onChange={onChange}
    />
  );
}

/** A list of names, or the word that stands for all of them. */
function ListField({ field, label, help, value, error, onChange }: FieldControlProps) {
  const words = (field.choices ?? []).map(String);
  const list = Array.isArray(value) ? value.map(String) : value === null || value === undefined ? [] : [String(value)];
  return (
    <TagsInput
      label={label}
      description={help}
      error={error}
      data={words}
      value={list}
      clearable
      onChange={(next) => {
        const added = next.at(-1);
        const names = next.filter((name) => !words.includes(name));
        if (added !== undefined && words.includes(added)) onChange(added);
        else onChange(names.length === 0 ? field.default : names);
      }}
    />
  );
}

function TextField({ field, label, help, value, error, onChange }: FieldControlProps) {
  const { t } = useTranslation();
  const text = typeof value === 'string' ? value : '';
  const change = (next: string) => onChange(next === '' && field.nullable ? null : next);
  const common = { label, description: help, error, value: text, placeholder: field.nullable ? t('unset') : '' };
  return text.includes('\n') || field.path.endsWith('template') ? (
    <Textarea {...common} autosize minRows={2} maxRows={12} onChange={(event) => change(event.currentTarget.value)} />
  ) : (
    <TextInput {...common} onChange={(event) => change(event.currentTarget.value)} />
  );
}

/** What a choice means, in words; the name it has in a recipe where there are none. */
function useChoiceWord(): (path: string, choice: string) => string {
  const { i18n } = useTranslation();
  // Keys are made from the schema's choices, which the typed catalogue cannot know.
  const words = i18n.t as unknown as (key: string, options: { readonly ns: 'common'; readonly defaultValue: string }) => string;
  return (path, choice) => words(`choice.${path.replaceAll('.', '/')}.${choice}`, { ns: 'common', defaultValue: choice });
}
