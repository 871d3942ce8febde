import { Card, Stack, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { FieldControl } from '../../../components/field-control/field-control.tsx';
import { useSaid } from '../../../i18n/field-words.ts';
import { useFieldText } from '../../../i18n/use-field-text.ts';
import type { RecipeDraft } from '../../../lib/recipe-draft.ts';
import { FORM_FIELDS, formState, valueOf, withValue } from '../../../lib/recipe-form.ts';

/** The settings that decide what a row becomes. */
const PATHS: ReadonlySet<string> = new Set(['loss', 'max_length', 'chat_template', 'eos_token']);
const FIELDS = FORM_FIELDS.filter(({ path }) => PATHS.has(path));

/** How rows become tokens; the same draft as on Train, so that what was tried here is what will be trained. */
export function EncodingSettings({ draft, onChange }: { readonly draft: RecipeDraft; readonly onChange: (draft: RecipeDraft) => void }) {
  const { t } = useTranslation('inspector');
  const textOf = useFieldText();
  const say = useSaid();
  const state = formState(draft);
  const problemOf = (path: string) => {
    const said = state.kind === 'invalid' ? state.problems.get(path) : undefined;
    return said === undefined ? undefined : say(said);
  };
  return (
    <Card component="section" aria-label={t('encoding')}>
      <Title order={2} mb="sm">{t('encoding')}</Title>
      <Stack gap="sm">
        {FIELDS.map((field) => (
          <FieldControl key={field.path} field={field} {...textOf(field.path)} value={valueOf(draft, field)} error={problemOf(field.path)} onChange={(value) => onChange(withValue(draft, field, value))} />
        ))}
      </Stack>
    </Card>
  );
}
