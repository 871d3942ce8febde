import { Card, Stack, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { FieldControl } from '../../../components/field-control/field-control.tsx';
import { useSaid } from '../../../i18n/field-words.ts';
import { useFieldText } from '../../../i18n/use-field-text.ts';
import type { RecipeDraft } from '../../../lib/recipe-draft.ts';
import { FORM_FIELDS, formState, valueOf, withValue } from '../../../lib/recipe-form.ts';
import type { autoLearns } from '../view-model.ts';
import { TemplateField } from './template-field.tsx';

/** The settings that decide what a row becomes. */
const PATHS: ReadonlySet<string> = new Set(['loss', 'max_length', 'chat_template', 'eos_token']);
const FIELDS = FORM_FIELDS.filter(({ path }) => PATHS.has(path));

const asText = (value: unknown): string | null => (typeof value === 'string' ? value : null);

export interface EncodingSettingsProps {
  readonly draft: RecipeDraft;
  /** What `loss: auto` comes to for the dataset. */
  readonly auto: ReturnType<typeof autoLearns> | null;
  readonly modelTemplate: string | null;
  readonly onChange: (draft: RecipeDraft) => void;
}

/** How rows become tokens; the same draft as on Train, so that what was tried here is what will be trained. */
export function EncodingSettings({ draft, auto, modelTemplate, onChange }: EncodingSettingsProps) {
  const { t } = useTranslation('inspector');
  const fieldText = useFieldText();
  const textOf = (path: string) => {
    const text = fieldText(path);
    const chosen = FIELDS.find((field) => field.path === path);
    return path === 'loss' && auto !== null && chosen !== undefined && valueOf(draft, chosen) === 'auto'
      ? { ...text, help: t(`auto.${auto}`) }
      : text;
  };
  const say = useSaid();
  const state = formState(draft);
  const problemOf = (path: string) => {
    const said = state.kind === 'invalid' ? state.problems.get(path) : undefined;
    return said === undefined ? undefined : say(said);
  };
  return (
    <Card component="section" aria-label={t('encoding')}>
      <Title order={2} mb="sm">
        {t('encoding')}
      </Title>
      <Stack gap="sm">
        {FIELDS.map((field) =>
          field.path === 'chat_template' ? (
            <TemplateField
              key={field.path}
              {...textOf(field.path)}
              value={asText(valueOf(draft, field))}
              modelTemplate={modelTemplate}
              error={problemOf(field.path)}
              onChange={(value) => onChange(withValue(draft, field, value))}
            />
          ) : (
            <FieldControl
              key={field.path}
              field={field}
              {...textOf(field.path)}
              value={valueOf(draft, field)}
              error={problemOf(field.path)}
              onChange={(value) => onChange(withValue(draft, field, value))}
            />
          ),
        )}
      </Stack>
    </Card>
  );
}
