import { Button, Group, Select, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { datasetFormatSchema, encodingSchema, PAIR_FORMATS, pairStyleSchema } from '../../../../shared/domain/dataset.ts';
import { readingSchema, type DatasetSource, type FileSketch, type ImportUpdate, type Reading } from '../../../../shared/domain/dataset-record.ts';
import { appErrorOf } from '../../../api/app-error.ts';
import { client } from '../../../api/client.ts';
import { useLongTask } from '../../../api/use-long-task.ts';
import { ErrorNotice } from '../../../components/error-notice/error-notice.tsx';
import { ProgressLine } from '../../../components/progress-line/progress-line.tsx';
import { formatBytes, formatCount } from '../../../lib/format.ts';
import { useDatasetActions, useSketch } from '../queries.ts';
import { mappedParts } from '../view-model.ts';
import classes from './datasets.module.css';
import { MappingForm } from './mapping-form.tsx';
import { SketchPreview } from './sketch-preview.tsx';

export interface ImportFormProps {
  readonly source: DatasetSource;
  readonly onCancel: () => void;
  readonly onDone: (datasetId: string) => void;
}

const FIRST: Reading = { format: 'auto', mapping: null, pairs: 'chat', encoding: 'auto' };
const ENCODINGS = ['auto', ...encodingSchema.options] as const;
const FORMATS = ['auto', ...datasetFormatSchema.options] as const;

/** How the file is read, with the first rows as they come out, before anything is kept. */
export function ImportForm({ source, onCancel, onDone }: ImportFormProps) {
  const { t } = useTranslation('datasets');
  const [reading, setReading] = useState(FIRST);
  const [name, setName] = useState('');
  const [settled] = useDebouncedValue(reading, 200);
  const sketch = useSketch(source, settled);
  const { refresh } = useDatasetActions();
  const [progress, setProgress] = useState<Extract<ImportUpdate, { kind: 'progress' }> | null>(null);
  const task = useLongTask<ImportUpdate>(
    (signal) => client.datasets.import({ source, name: name.trim() === '' ? null : name.trim(), reading }, { signal }),
    (update) => {
      if (update.kind === 'progress') return setProgress(update);
      void refresh();
      onDone(update.dataset.id);
      return undefined;
    },
  );
  if (sketch.error) return <ErrorNotice error={appErrorOf(sketch.error)} onRetry={() => void sketch.refetch()} />;
  if (!sketch.data) return <Skeleton h={320} />;
  const { outcome } = sketch.data;
  const ready = outcome.kind === 'readable' && settled === reading && !sketch.isPlaceholderData;
  return (
    <Stack gap="md">
      <Text c="dimmed" className={classes['sample']!}>
        {sketch.data.fileName} · {formatBytes(sketch.data.bytes)}
      </Text>
      <div className={classes['readAs']!}>
        <TextInput
          label={t('import.name')}
          placeholder={sketch.data.fileName.replace(/\.\w+$/, '')}
          value={name}
          maxLength={200}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Select
          label={t('import.format')}
          allowDeselect={false}
          value={reading.format}
          data={FORMATS.map((value) => ({ value, label: value === 'auto' ? autoLabel(sketch.data, t) : t(`formats.${value}`) }))}
          onChange={(value) => setReading({ ...reading, format: readingSchema.shape.format.parse(value ?? undefined), mapping: null })}
        />
        <Select
          label={t('import.encoding')}
          allowDeselect={false}
          value={reading.encoding}
          data={ENCODINGS.map((value) => ({ value, label: t(`import.encodings.${value}`) }))}
          onChange={(value) => setReading({ ...reading, encoding: readingSchema.shape.encoding.parse(value ?? undefined) })}
        />
        {PAIR_FORMATS.some((format) => format === formatOf(sketch.data, reading)) && (
          <Select
            label={t('import.pairs')}
            allowDeselect={false}
            value={reading.pairs}
            data={pairStyleSchema.options.map((value) => ({ value, label: t(`import.pairStyles.${value}`) }))}
            onChange={(value) => setReading({ ...reading, pairs: readingSchema.shape.pairs.parse(value ?? undefined) })}
          />
        )}
      </div>
      {outcome.kind === 'unreadable' && (
        <ErrorNotice error={{ code: outcome.code, message: outcome.message, ...(outcome.remedy === null ? {} : { remedy: outcome.remedy }) }} />
      )}
      <MappingForm sketch={sketch.data} parts={mappedParts(sketch.data, reading)} reading={reading} onChange={setReading} />
      {outcome.kind === 'readable' && <SketchPreview outcome={outcome} />}
      {task.error && <ErrorNotice error={task.error} />}
      <div className={classes['footer']!}>
        {task.running ? (
          <ProgressLine
            label={t('import.progress', { rows: formatCount(progress?.rows ?? 0), bad: formatCount(progress?.badRows ?? 0) })}
            done={progress?.bytesDone ?? 0}
            total={progress?.bytesTotal ?? 0}
            onCancel={task.cancel}
          />
        ) : (
          <Group justify="flex-end">
            <Button variant="default" onClick={onCancel}>
              {t('cancel')}
            </Button>
            <Button onClick={task.start} disabled={!ready}>
              {t('import.import')}
            </Button>
          </Group>
        )}
      </div>
    </Stack>
  );
}

function formatOf(sketch: FileSketch, reading: Reading): Reading['format'] {
  return sketch.outcome.kind === 'readable' ? sketch.outcome.format : reading.format;
}

function autoLabel(sketch: FileSketch, t: ReturnType<typeof useTranslation<'datasets'>>['t']): string {
  return sketch.outcome.kind === 'readable' ? t('import.autoFound', { format: t(`formats.${sketch.outcome.format}`) }) : t('import.auto');
}
