import { Group, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DatasetSource } from '../../../../shared/domain/dataset-record.ts';
import type { AppErrorFields } from '../../../../shared/lib/app-error.ts';
import { appErrorOf } from '../../../api/app-error.ts';
import { uploadFile } from '../../../api/upload.ts';
import { ErrorNotice } from '../../../components/error-notice/error-notice.tsx';
import { ProgressLine } from '../../../components/progress-line/progress-line.tsx';
import { formatBytes } from '../../../lib/format.ts';
import { ImportForm } from './import-form.tsx';

/** A file of the page's machine, to be sent, or one on the host's disk. */
export type ImportFile = { readonly kind: 'file'; readonly file: File } | { readonly kind: 'path'; readonly path: string };

export interface ImportDialogProps {
  readonly file: ImportFile;
  readonly onCancel: () => void;
  readonly onDone: (datasetId: string) => void;
}

/** Sends the file if need be, then asks how it is to be read. */
export function ImportDialog({ file, onCancel, onDone }: ImportDialogProps) {
  const { t } = useTranslation('datasets');
  const [source, setSource] = useState<DatasetSource | null>(file.kind === 'path' ? { kind: 'path', path: file.path } : null);
  const [sent, setSent] = useState({ done: 0, total: 0 });
  const [error, setError] = useState<AppErrorFields | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (file.kind === 'path') return undefined;
    const stop = new AbortController();
    setError(null);
    uploadFile(file.file, (done, total) => setSent({ done, total }), stop.signal).then(
      ({ uploadId }) => setSource({ kind: 'upload', uploadId }),
      (reason: unknown) => {
        if (!stop.signal.aborted) setError(appErrorOf(reason));
      },
    );
    return () => stop.abort();
  }, [file, attempt]);
  if (error !== null) return <ErrorNotice error={error} onRetry={() => setAttempt(attempt + 1)} />;
  if (source !== null) return <ImportForm source={source} onCancel={onCancel} onDone={onDone} />;
  return (
    <>
      <Group mb="sm">
        <Text fw={500}>{file.kind === 'file' ? `${file.file.name} · ${formatBytes(file.file.size)}` : ''}</Text>
      </Group>
      <ProgressLine label={t('import.sending')} done={sent.done} total={sent.total} onCancel={onCancel} />
    </>
  );
}
