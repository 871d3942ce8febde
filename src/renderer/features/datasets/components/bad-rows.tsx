import { Button, Card, Group, Skeleton, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BadRow } from '../../../../shared/domain/dataset.ts';
import { appErrorOf } from '../../../api/app-error.ts';
import { ErrorNotice } from '../../../components/error-notice/error-notice.tsx';
import { notifyDone } from '../../../components/notify/notify.ts';
import { formatCount } from '../../../lib/format.ts';
import { useBadRows, useMend } from '../queries.ts';
import classes from './datasets.module.css';

/** Rows that the import set aside: each with its place, its reason and its text, to be mended and taken in after all. */
export function BadRows({ id }: { readonly id: string }) {
  const { t } = useTranslation('datasets');
  const bad = useBadRows(id);
  // Kept for as long as the tab is open: what was taken in is no longer offered.
  const [taken, setTaken] = useState<ReadonlySet<number>>(new Set());
  if (bad.error) return <ErrorNotice error={appErrorOf(bad.error)} />;
  if (!bad.data) return <Skeleton h={200} />;
  return (
    <Card padding={0} aria-label={t('tabs.bad', { count: bad.data.total })}>
      <Text c="dimmed" p="sm">
        {t('aside.explained')}
      </Text>
      {bad.data.rows.map((row) => (
        <SetAside
          key={row.source}
          datasetId={id}
          row={row}
          isTaken={taken.has(row.source)}
          onTaken={() => setTaken(new Set([...taken, row.source]))}
        />
      ))}
      {bad.data.total > bad.data.rows.length && (
        <Text c="dimmed" p="sm">
          {t('rows.moreBad', { shown: formatCount(bad.data.rows.length), total: formatCount(bad.data.total) })}
        </Text>
      )}
    </Card>
  );
}

interface SetAsideProps {
  readonly datasetId: string;
  readonly row: BadRow;
  readonly isTaken: boolean;
  readonly onTaken: () => void;
}

function SetAside({ datasetId, row, isTaken, onTaken }: SetAsideProps) {
  const { t } = useTranslation('datasets');
  const [text, setText] = useState(row.text ?? '');
  const [reason, setReason] = useState(row.reason);
  const mend = useMend(datasetId);
  const take = () =>
    mend.mutate([{ source: row.source, text }], {
      onSuccess: ({ taken, refused }) => {
        if (taken === 0) return setReason(refused[0]?.reason ?? row.reason);
        notifyDone(t('aside.taken', { row: formatCount(row.source) }));
        return onTaken();
      },
    });
  const place = t('preview.row', { row: formatCount(row.source) });
  return (
    <div className={classes['previewRow']}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Text>
          <Text span fw={500} className="numeric">
            {place}
          </Text>{' '}
          · {isTaken ? t('aside.isTaken') : reason}
        </Text>
        {row.text !== undefined && row.cut !== true && !isTaken && (
          <Button variant="default" onClick={take} loading={mend.isPending} aria-label={t('aside.takeLabel', { row: formatCount(row.source) })}>
            {t('aside.take')}
          </Button>
        )}
      </Group>
      {row.text !== undefined && !isTaken && (
        <Textarea
          mt={6}
          aria-label={t('aside.text', { row: formatCount(row.source) })}
          value={text}
          readOnly={row.cut === true}
          autosize
          minRows={1}
          maxRows={8}
          spellCheck={false}
          classNames={{ input: classes['exact']! }}
          lang=""
          onChange={(event) => setText(event.currentTarget.value)}
        />
      )}
      {row.cut === true && (
        <Text size="xs" c="dimmed">
          {t('aside.cut')}
        </Text>
      )}
      {mend.error && <ErrorNotice error={appErrorOf(mend.error)} />}
    </div>
  );
}
