import { Skeleton } from '@mantine/core';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { Starter } from '../../../../shared/contract/starter.ts';
import { appErrorOf } from '../../../api/app-error.ts';
import { ErrorNotice } from '../../../components/error-notice/error-notice.tsx';
import { Explained } from './explained.tsx';
import { TokenStrip } from './token-strip.tsx';
import { useInspectedRow } from './tour-queries.ts';

/** What of a row is learned. */
export function TokensStep({ starter, onReady }: { readonly starter: Starter; readonly onReady: () => void }) {
  const { t } = useTranslation('home');
  const row = useInspectedRow(starter);
  const there = row.data !== undefined;
  useEffect(() => {
    if (there) onReady();
  }, [there]);
  return (
    <Explained title={t('tour.tokens.title')} text={t('tour.tokens.text')}>
      {row.error !== null && <ErrorNotice error={appErrorOf(row.error)} onRetry={() => void row.refetch()} />}
      {row.error === null && row.data === undefined && <Skeleton height={160} aria-label={t('tour.loading')} />}
      {row.data !== undefined && row.data !== null && <TokenStrip tokens={row.data.tokens} />}
    </Explained>
  );
}
