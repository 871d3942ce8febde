import { Button, Group, Stack, TextInput } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

/** Asks for a new name in a dialog. */
export function openRename(title: string, name: string, onSave: (name: string) => void): void {
  modals.open({ modalId: 'rename', title, children: <RenameForm name={name} onSave={onSave} /> });
}

function RenameForm({ name, onSave }: { readonly name: string; readonly onSave: (name: string) => void }) {
  const { t } = useTranslation();
  const [value, setValue] = useState(name);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onSave(value.trim());
        modals.close('rename');
      }}
    >
      <Stack gap="sm">
        <TextInput label={t('rename.name')} value={value} maxLength={200} data-autofocus onChange={(event) => setValue(event.currentTarget.value)} />
        <Group justify="flex-end">
          <Button type="submit" disabled={value.trim() === ''}>
            {t('rename.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
