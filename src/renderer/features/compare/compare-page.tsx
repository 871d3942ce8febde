import { Button, Skeleton } from '@mantine/core';
import { IconColumns } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'wouter';
import { appErrorOf } from '../../api/app-error.ts';
import { useRuns } from '../../api/use-runs.ts';
import { useModels } from '../../api/use-models.ts';
import { EmptyState } from '../../components/empty-state/empty-state.tsx';
import { ErrorNotice } from '../../components/error-notice/error-notice.tsx';
import { Page } from '../../components/page/page.tsx';
import { routes } from '../../lib/routes.ts';
import { initialModel, parseRuns } from './columns.ts';
import { Bench } from './components/bench.tsx';

/** One prompt, answered by the base model and by what was made of it, side by side. */
export function ComparePage() {
  const { t } = useTranslation('compare');
  return (
    <Page title={t('title')} description={t('description')}>
      <Content />
    </Page>
  );
}

function Content() {
  const { t } = useTranslation('compare');
  const [query] = useSearchParams();
  const models = useModels();
  const { runs } = useRuns();
  if (models.error !== null) return <ErrorNotice error={appErrorOf(models.error)} onRetry={() => void models.refetch()} />;
  if (models.data === undefined || runs === null) return <Skeleton height={320} aria-label={t('loading')} />;
  const asked = parseRuns(query.get('runs'));
  const usable = models.data.filter(({ state }) => state.kind === 'usable');
  const model = initialModel(query.get('model'), asked, usable, runs);
  if (model === null) {
    const action = (
      <Button component={Link} href={routes.models()}>
        {t('noModel.action')}
      </Button>
    );
    return <EmptyState icon={<IconColumns />} title={t('noModel.title')} description={t('noModel.description')} action={action} />;
  }
  return (
    <Bench
      key={query.toString()}
      models={usable}
      runs={runs}
      model={model}
      asked={asked}
      prompt={query.get('prompt') ?? ''}
      tour={query.get('tour') !== null}
      query={query.toString()}
    />
  );
}
