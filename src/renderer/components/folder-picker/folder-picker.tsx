import { ActionIcon, Badge, Button, Group, ScrollArea, Stack, Text, TextInput, UnstyledButton } from '@mantine/core';
import { IconArrowUp, IconFile, IconFolder } from '@tabler/icons-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FolderEntry, FolderListing } from '../../../shared/domain/system.ts';
import { formatBytes } from '../../lib/format.ts';
import classes from './folder-picker.module.css';

export interface FolderPickerProps {
  readonly mode: 'folder' | 'file';
  /** Null is the home folder. */
  readonly list: (path: string | null) => Promise<FolderListing>;
  /** Absolute path. */
  readonly onChoose: (path: string) => void;
}

/** Chooses a folder or a file of the host's disk, where a native dialog would be on the wrong machine. */
export function FolderPicker({ mode, list, onChoose }: FolderPickerProps) {
  const { t } = useTranslation();
  const [listing, setListing] = useState<FolderListing | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [typed, setTyped] = useState('');
  const asked = useRef(0);
  const field = useRef<HTMLInputElement>(null);
  const go = useCallback(
    async (path: string | null) => {
      const number = ++asked.current;
      try {
        const next = await list(path);
        // A slow folder must not replace a later one, nor the path that somebody is typing.
        if (number !== asked.current) return;
        setListing(next);
        if (document.activeElement !== field.current) setTyped(next.path);
        setProblem(null);
      } catch (error) {
        if (number === asked.current) setProblem(error instanceof Error ? error.message : String(error));
      }
    },
    [list],
  );
  useEffect(() => void go(null), [go]);
  const open = (entry: FolderEntry) => (entry.kind === 'folder' ? void go(entry.path) : onChoose(entry.path));
  const shown = listing?.entries.filter(({ kind }) => kind === 'folder' || mode === 'file') ?? [];
  return (
    <Stack gap="xs">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          // A name with an ending is meant as a file; whoever opens it says what is wrong with it.
          if (mode === 'file' && /\.\w+$/.test(typed) && typed !== listing?.path) onChoose(typed.trim());
          else void go(typed);
        }}
      >
        <Group gap="xs" wrap="nowrap" align="flex-start">
          <ActionIcon
            size="md"
            variant="default"
            aria-label={t('folderPicker.up')}
            disabled={listing?.parent === null || listing === null}
            onClick={() => void go(listing!.parent)}
          >
            <IconArrowUp size={16} />
          </ActionIcon>
          <TextInput
            aria-label={t('folderPicker.path')}
            value={typed}
            ref={field}
            onChange={(event) => setTyped(event.currentTarget.value)}
            className={classes['path']}
            {...(problem === null ? {} : { error: problem })}
          />
          <Button type="submit" variant="default">
            {t('folderPicker.go')}
          </Button>
        </Group>
      </form>
      <ScrollArea h={320} type="auto" className={classes['list']} viewportProps={{ tabIndex: 0, 'aria-label': t('folderPicker.entries') }}>
        {shown.length === 0 && listing !== null && (
          <Text c="dimmed" p="sm">
            {t('folderPicker.empty')}
          </Text>
        )}
        {shown.map((entry) => (
          <UnstyledButton key={entry.path} className={classes['entry']} onClick={() => open(entry)}>
            {entry.kind === 'folder' ? <IconFolder size={16} aria-hidden /> : <IconFile size={16} aria-hidden />}
            <Text truncate>{entry.name}</Text>
            {entry.isModel && <Badge>{t('folderPicker.model')}</Badge>}
            {entry.bytes !== null && (
              <Text size="xs" c="dimmed">
                {formatBytes(entry.bytes)}
              </Text>
            )}
          </UnstyledButton>
        ))}
        {listing?.truncated && (
          <Text c="dimmed" p="sm">
            {t('folderPicker.truncated')}
          </Text>
        )}
      </ScrollArea>
      {mode === 'folder' && (
        <Group justify="flex-end">
          <Button disabled={listing === null} onClick={() => onChoose(listing!.path)}>
            {t('folderPicker.choose')}
          </Button>
        </Group>
      )}
    </Stack>
  );
}
