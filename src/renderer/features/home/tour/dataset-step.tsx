import { Skeleton, Table, Text } from '@mantine/core';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { Starter } from '../../../../shared/contract/starter.ts';
import { appErrorOf } from '../../../api/app-error.ts';
import { ErrorNotice } from '../../../components/error-notice/error-notice.tsx';
import { formatCount } from '../../../lib/format.ts';
import { Explained } from './explained.tsx';
import { questionAndAnswer } from './question-and-answer.ts';
import classes from './tour.module.css';
import { useFirstRows } from './tour-queries.ts';

const ROWS = 5;

/** What it is to learn from. */
export function DatasetStep({ starter: { dataset }, onReady }: { readonly starter: Starter; readonly onReady: () => void }) {
  const { t } = useTranslation('home');
  const rows = useFirstRows(dataset.id, ROWS);
  const there = rows.data !== undefined;
  useEffect(() => {
    if (there) onReady();
  }, [there]);
  return (
    <Explained title={t('tour.dataset.title')} text={t('tour.dataset.text')}>
      {rows.error !== null && <ErrorNotice error={appErrorOf(rows.error)} onRetry={() => void rows.refetch()} />}
      {rows.error === null && rows.data === undefined && <Skeleton height={180} aria-label={t('tour.loading')} />}
      {rows.data !== undefined && (
        <>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th w="45%">{t('tour.dataset.question')}</Table.Th>
                <Table.Th>{t('tour.dataset.answer')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.data.rows.map(({ key, row }) => {
                const { question, answer } = questionAndAnswer(row);
                return (
                  <Table.Tr key={key}>
                    <Table.Td className={classes['text']}>{question}</Table.Td>
                    <Table.Td className={classes['text']}>{answer}</Table.Td>
                  </Table.Tr>
                );
              })}
            </Table.Tbody>
          </Table>
          <Text size="xs" c="dimmed" mt="xs">
            {t('tour.dataset.more', { count: rows.data.total - rows.data.rows.length, rows: formatCount(rows.data.total - rows.data.rows.length) })}
          </Text>
        </>
      )}
    </Explained>
  );
}
