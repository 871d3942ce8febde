import { Alert, Button, Group, List, Stack, Text, Textarea } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { readPastedRecipe } from '../../../../shared/domain/recipe/pasted.ts';
import type { Recipe } from '../../../../shared/domain/recipe/recipe.ts';

interface PasteRecipeProps {
  /** Of the dataset that is chosen. */
  readonly format: string | null;
  readonly onTake: (recipe: Recipe, notices: readonly string[]) => void;
}

/** A configuration as JSON; what it was read as, or what is wrong with it, before anything is taken. */
export function PasteRecipe({ format, onTake }: PasteRecipeProps) {
  const { t } = useTranslation('train');
  const [text, setText] = useState('');
  const read = text.trim() === '' ? null : readPastedRecipe(text, format);
  return (
    <Stack gap="sm">
      <Text>{t('paste.help')}</Text>
      <Textarea
        label={t('paste.text')}
        autosize
        minRows={8}
        maxRows={18}
        value={text}
        spellCheck={false}
        classNames={{ input: 'mono' }}
        data-autofocus
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {read?.kind === 'refused' && (
        <Alert color="red" variant="light" role="alert" title={t('paste.refused', { count: read.problems.length })}>
          <List size="sm">
            {read.problems.map((problem) => (
              <List.Item key={problem}>{problem}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      {read?.kind === 'read' && read.notices.length > 0 && (
        <Stack gap={4} component="section" aria-label={t('paste.notices')}>
          <Text fw={500}>{t('paste.notices')}</Text>
          <List size="xs" mah={220} style={{ overflow: 'auto' }}>
            {read.notices.map((notice) => (
              <List.Item key={notice}>{notice}</List.Item>
            ))}
          </List>
        </Stack>
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={() => modals.closeAll()}>
          {t('paste.cancel')}
        </Button>
        <Button disabled={read?.kind !== 'read'} onClick={() => read?.kind === 'read' && (modals.closeAll(), onTake(read.recipe, read.notices))}>
          {t('paste.take')}
        </Button>
      </Group>
    </Stack>
  );
}
