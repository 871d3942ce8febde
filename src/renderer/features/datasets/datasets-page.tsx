import { Button, Card, FileButton, Skeleton, Stack, TextInput } from '@mantine/core';
import { Dropzone } from '@mantine/dropzone';
import { modals } from '@mantine/modals';
import { IconDatabase, IconFileImport, IconFolderOpen, IconSearch } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { appErrorOf } from '../../api/app-error.ts';
import { client } from '../../api/client.ts';
import { useDatasets } from '../../api/use-datasets.ts';
import { EmptyState } from '../../components/empty-state/empty-state.tsx';
import { ErrorNotice } from '../../components/error-notice/error-notice.tsx';
import { FolderPicker } from '../../components/folder-picker/folder-picker.tsx';
import { Page } from '../../components/page/page.tsx';
import { takeDropped } from '../../lib/dropped-file.ts';
import { DatasetsTable } from './components/datasets-table.tsx';
import { useOpenImport } from './components/open-import.tsx';
import classes from './components/datasets.module.css';
import { shownDatasets, type DatasetSort } from './view-model.ts';

const ACCEPTED = '.json,.jsonl,.ndjson,.csv,.tsv';
const listFolder = (path: string | null) => client.system.listFolder({ path });

/** All datasets, and the ways to bring in another one. */
export function DatasetsPage() {
  const { t } = useTranslation('datasets');
  const datasets = useDatasets();
  const openImport = useOpenImport();
  const [search, setSearch] = useState('');
  const [sort, setSort] = useState<{ readonly key: DatasetSort; readonly descending: boolean }>({ key: 'updatedAt', descending: true });
  const sendFile = (file: File | null) => {
    if (file !== null) openImport({ kind: 'file', file });
  };
  useEffect(() => sendFile(takeDropped()), []); // oxlint-disable-line react-hooks/exhaustive-deps -- what waits is taken once
  const choosePath = () =>
    void modals.open({
      modalId: 'choose-path',
      title: t('import.choosePath'),
      size: 'lg',
      children: (
        <FolderPicker
          mode="file"
          list={listFolder}
          onChoose={(path) => {
            modals.close('choose-path');
            openImport({ kind: 'path', path });
          }}
        />
      ),
    });
  const actions = (
    <>
      <Button variant="default" leftSection={<IconFolderOpen size={14} />} onClick={choosePath}>
        {t('import.fromDisk')}
      </Button>
      <FileButton accept={ACCEPTED} onChange={sendFile}>
        {(props) => (
          <Button leftSection={<IconFileImport size={14} />} {...props}>
            {t('import.chooseFile')}
          </Button>
        )}
      </FileButton>
    </>
  );
  const list = datasets.data;
  return (
    <Page title={t('title')} description={t('description')} actions={actions}>
      <Dropzone.FullScreen
        active
        onDrop={(files: readonly File[]) => sendFile(files[0] ?? null)}
        maxFiles={1}
        classNames={{ inner: classes['dropInner']! }}
      >
        <Stack align="center" justify="center" h="100%">
          {t('import.dropHere')}
        </Stack>
      </Dropzone.FullScreen>
      {datasets.error && <ErrorNotice error={appErrorOf(datasets.error)} onRetry={() => void datasets.refetch()} />}
      {datasets.isPending && <Skeleton h={240} />}
      {list?.length === 0 && <EmptyState icon={<IconDatabase />} title={t('empty.title')} description={t('empty.description')} />}
      {list !== undefined && list.length > 0 && (
        <>
          <TextInput
            aria-label={t('search')}
            placeholder={t('search')}
            leftSection={<IconSearch size={14} aria-hidden />}
            value={search}
            w={280}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
          <Card padding={0}>
            <DatasetsTable
              datasets={shownDatasets(list, search, sort)}
              sort={sort}
              onSort={(key) => setSort({ key, descending: sort.key === key ? !sort.descending : true })}
            />
          </Card>
        </>
      )}
    </Page>
  );
}
