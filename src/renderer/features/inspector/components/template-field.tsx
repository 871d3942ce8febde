import { Anchor, Select, Stack, Text, Textarea } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { NAMED_CHAT_TEMPLATES, namedChatTemplate } from '../../../../shared/domain/chat-templates.ts';

const OWN = 'model';
const WRITTEN = 'written';

export interface TemplateFieldProps {
  readonly label: string;
  readonly help: string;
  readonly error: string | undefined;
  readonly value: string | null;
  /** The model's own template, to begin from; null where it has none. */
  readonly modelTemplate: string | null;
  readonly onChange: (value: string | null) => void;
}

/** The model's own chat template, one that comes with the program, or a text that begins from either. */
export function TemplateField({ label, help, error, value, modelTemplate, onChange }: TemplateFieldProps) {
  const { t } = useTranslation('inspector');
  const named = value === null ? null : namedChatTemplate(value);
  const kind = value === null ? OWN : (named?.name ?? WRITTEN);
  const start = named?.source ?? modelTemplate ?? NAMED_CHAT_TEMPLATES[0]!.source;
  const choose = (next: string | null) => onChange(next === OWN || next === null ? null : next === WRITTEN ? start : next);
  const data = [
    { value: OWN, label: modelTemplate === null ? t('template.none') : t('template.own') },
    ...NAMED_CHAT_TEMPLATES.map((template) => ({ value: template.name, label: template.label })),
    { value: WRITTEN, label: t('template.written') },
  ];
  return (
    <Stack gap={4}>
      <Select
        label={label}
        description={help}
        data={data}
        value={kind}
        allowDeselect={false}
        onChange={choose}
        error={kind === WRITTEN ? undefined : error}
      />
      {named !== null && (
        <Text size="sm" c="dimmed">
          {named.help}
        </Text>
      )}
      {kind === WRITTEN ? (
        <Textarea
          aria-label={t('template.text')}
          value={value ?? ''}
          error={error}
          autosize
          minRows={6}
          maxRows={24}
          spellCheck={false}
          styles={{
            input: { fontFamily: 'var(--mantine-font-family-monospace)', fontVariantLigatures: 'none', whiteSpace: 'pre', overflowX: 'auto' },
          }}
          onChange={(event) => onChange(event.currentTarget.value === '' ? null : event.currentTarget.value)}
        />
      ) : (
        (named !== null || modelTemplate !== null) && (
          <Anchor component="button" type="button" size="sm" ta="start" onClick={() => onChange(start)}>
            {t('template.edit')}
          </Anchor>
        )
      )}
    </Stack>
  );
}
