import { ActionIcon, Button, Card, Code, Group, Stack, Text, Title } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconFolderPlus, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, client } from '../../../api/client.ts';
import { FolderPicker } from '../../../components/folder-picker/folder-picker.tsx';
import type { SettingsCardProps } from './appearance-card.tsx';

const listFolder = (path: string | null) => client.system.listFolder({ path });

/** Where models are looked for, and where everything of ours lies. */
export function FoldersCard({ settings, onChange }: SettingsCardProps) {
  const { t } = useTranslation('settings');
  const info = useQuery(api.system.info.queryOptions());
  const add = (path: string) => {
    modals.closeAll();
    if (!settings.modelFolders.includes(path)) onChange({ modelFolders: [...settings.modelFolders, path] });
  };
  return (
    <Card>
      <Group justify="space-between" mb="sm">
        <Title order={2}>{t('folders.title')}</Title>
        <Button
          variant="default"
          leftSection={<IconFolderPlus size={14} />}
          onClick={() =>
            void modals.open({ title: t('folders.choose'), size: 'lg', children: <FolderPicker mode="folder" list={listFolder} onChoose={add} /> })
          }
        >
          {t('folders.add')}
        </Button>
      </Group>
      <Text c="dimmed" mb="sm">
        {t('folders.help')}
      </Text>
      <Stack gap="xs">
        {settings.modelFolders.map((path) => (
          <Group key={path} justify="space-between" wrap="nowrap">
            <Code>{path}</Code>
            <ActionIcon
              aria-label={t('folders.remove', { path })}
              onClick={() => onChange({ modelFolders: settings.modelFolders.filter((each) => each !== path) })}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
        ))}
        {settings.modelFolders.length === 0 && <Text c="dimmed">{t('folders.none')}</Text>}
        <Group gap="xs" mt="sm">
          <Text fw={500}>{t('folders.hubCache')}</Text>
          <Code>{info.data?.hubCache ?? '…'}</Code>
        </Group>
        <Group gap="xs">
          <Text fw={500}>{t('folders.data')}</Text>
          <Code>{info.data?.dataFolder ?? '…'}</Code>
        </Group>
        <Text size="xs" c="dimmed">
          {t('folders.dataHelp')}
        </Text>
      </Stack>
    </Card>
  );
}
