import { ActionIcon, Card, Group, SegmentedControl, SimpleGrid, Stack, Text, TextInput, Title, Tooltip } from '@mantine/core';
import { IconRestore, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FIELD_GROUPS } from '../../../../shared/domain/recipe/field.ts';
import type { Advice } from '../../../../shared/domain/recipe/advice.ts';
import { useSaid } from '../../../i18n/field-words.ts';
import { useFieldText } from '../../../i18n/use-field-text.ts';
import type { RecipeDraft } from '../../../lib/recipe-draft.ts';
import { isChanged, shownFields, usualOf, valueOf, withValue, type FormState } from '../../../lib/recipe-form.ts';
import { FieldControl } from '../../../components/field-control/field-control.tsx';
import classes from './train.module.css';

export interface RecipeFieldsProps {
  readonly draft: RecipeDraft;
  readonly state: FormState;
  readonly advice: readonly Advice[];
  readonly onChange: (draft: RecipeDraft) => void;
}

/** The recipe as a form: the few fields that matter, or all of them; each says what it does. */
export function RecipeFields({ draft, state, advice, onChange }: RecipeFieldsProps) {
  const { t } = useTranslation('train');
  const textOf = useFieldText();
  const [all, setAll] = useState(false);
  const [search, setSearch] = useState('');
  const shown = shownFields(all, search, textOf, draft);
  const say = useSaid();
  const problemOf = (path: string) => {
    const said = state.kind === 'invalid' ? state.problems.get(path) : undefined;
    return said === undefined ? undefined : say(said);
  };
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <SegmentedControl
          aria-label={t('form.level')}
          value={all ? 'all' : 'simple'}
          onChange={(value) => setAll(value === 'all')}
          data={[
            { value: 'simple', label: t('form.simple') },
            { value: 'all', label: t('form.all') },
          ]}
        />
        <TextInput
          aria-label={t('form.search')}
          placeholder={t('form.search')}
          leftSection={<IconSearch size={14} aria-hidden />}
          value={search}
          w={240}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      </Group>
      {FIELD_GROUPS.map((group) => {
        const fields = shown.filter((field) => field.group === group);
        if (fields.length === 0) return null;
        return (
          <Card key={group} component="section" aria-label={t(`groups.${group}`)}>
            <Title order={2} mb="sm">
              {t(`groups.${group}`)}
            </Title>
            <SimpleGrid type="container" cols={{ base: 1, '520px': 2 }} spacing="lg" verticalSpacing="md">
              {fields.map((field) => {
                const { label, help } = textOf(field.path);
                return (
                  <div key={field.path} className={classes['field']} data-changed={isChanged(draft, field)}>
                    <FieldControl
                      field={field}
                      label={label}
                      help={help}
                      value={valueOf(draft, field)}
                      error={problemOf(field.path)}
                      advice={advice.filter(({ path }) => path === field.path).map(say)}
                      onChange={(value) => onChange(withValue(draft, field, value))}
                    />
                    {isChanged(draft, field) && (
                      <Tooltip label={t('form.reset')}>
                        <ActionIcon
                          size="xs"
                          className={classes['reset']!}
                          aria-label={t('form.resetField', { field: label })}
                          onClick={() => onChange(withValue(draft, field, usualOf(draft, field)))}
                        >
                          <IconRestore size={13} />
                        </ActionIcon>
                      </Tooltip>
                    )}
                  </div>
                );
              })}
            </SimpleGrid>
          </Card>
        );
      })}
      {shown.length === 0 && <Text c="dimmed">{t('form.nothing')}</Text>}
    </Stack>
  );
}
