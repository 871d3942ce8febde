import { Button, Divider, Group, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { appErrorOf } from '../../../api/app-error.ts';
import { client } from '../../../api/client.ts';
import { ErrorNotice } from '../../../components/error-notice/error-notice.tsx';
import { FolderPicker } from '../../../components/folder-picker/folder-picker.tsx';
import { notifyDone } from '../../../components/notify/notify.ts';
import { useModelActions } from '../queries.ts';

const listFolder = (path: string | null) => client.system.listFolder({ path });

/** Opens a model folder by its path, typed or chosen. */
export function OpenModel({ onDone }: { readonly onDone: () => void }) {
  const { t } = useTranslation('models');
  const [path, setPath] = useState('');
  const { open } = useModelActions();
  const submit = (chosen: string) => {
    setPath(chosen);
    open.mutate(chosen, {
      onSuccess(model) {
        notifyDone(t('open.done', { name: model.name }));
        onDone();
      },
    });
  };
  return (
    <Stack gap="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit(path.trim());
        }}
      >
        <Group align="flex-start" gap="xs" wrap="nowrap">
          <TextInput
            label={t('open.path')}
            description={t('open.help')}
            value={path}
            onChange={(event) => setPath(event.currentTarget.value)}
            data-autofocus
            flex={1}
          />
          <Button type="submit" className="beside-field" loading={open.isPending} disabled={path.trim() === ''}>
            {t('open.submit')}
          </Button>
        </Group>
      </form>
      {open.error && <ErrorNotice error={appErrorOf(open.error)} />}
      <Divider label={t('open.or')} />
      <FolderPicker mode="folder" list={listFolder} onChoose={submit} />
    </Stack>
  );
}
