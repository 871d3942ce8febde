import { Button, Grid, Skeleton, Stack } from '@mantine/core';
import { Dropzone } from '@mantine/dropzone';
import { IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useSearchParams } from 'wouter';
import type { RunSummary } from '../../../shared/domain/run-record.ts';
import { useRuns } from '../../api/use-runs.ts';
import { Page } from '../../components/page/page.tsx';
import { leaveDropped } from '../../lib/dropped-file.ts';
import { grant } from '../../lib/grants.ts';
import { routes } from '../../lib/routes.ts';
import { HardwareCard } from './components/hardware-card.tsx';
import { QuickActions } from './components/quick-actions.tsx';
import { RecentRuns } from './components/recent-runs.tsx';
import { TourCard } from './components/tour-card.tsx';
import { ownRun, tourRunOf } from './tour/tour-memory.ts';
import { Tour } from './tour/tour.tsx';

/** Where the studio opens: the machine, the tour, and what was done last. */
export function HomePage() {
  const { t } = useTranslation('home');
  const [query] = useSearchParams();
  const [, navigate] = useLocation();
  const { runs } = useRuns();
  const touring = query.get('tour') !== null;
  const tourRun = runs === null ? null : tourRunOf(runs, ownRun());
  if (touring) return <TourPage run={tourRun} loaded={runs !== null} />;
  const begin = () => {
    grant('tour-training');
    navigate(routes.tour());
  };
  // Whoever has trained something comes for that; the way in steps back.
  const trained = runs?.some(({ status }) => status.kind === 'completed') ?? false;
  const tour = <TourCard run={tourRun} small={trained} onStart={begin} />;
  const drop = (file: File | undefined) => {
    if (file === undefined) return;
    leaveDropped(file);
    navigate(routes.datasets());
  };
  return (
    <Page title={t('title')} description={t('description')}>
      <Stack gap="lg">
        <Dropzone.FullScreen active maxFiles={1} onDrop={(files: readonly File[]) => drop(files[0])}>
          <Stack align="center" justify="center" h="100%">
            {t('dropHere')}
          </Stack>
        </Dropzone.FullScreen>
        {!trained && (
          <Grid gap="lg">
            <Grid.Col span={{ base: 12, md: 7 }}>{tour}</Grid.Col>
            <Grid.Col span={{ base: 12, md: 5 }}>
              <HardwareCard />
            </Grid.Col>
          </Grid>
        )}
        <QuickActions />
        <RecentRuns runs={runs} />
        {trained && (
          <>
            <HardwareCard />
            {tour}
          </>
        )}
      </Stack>
    </Page>
  );
}

/** The tour in Home's place. Which run it comes back to is asked once, when it opens: its own end must not change it. */
function TourPage({ run, loaded }: { readonly run: RunSummary | null; readonly loaded: boolean }) {
  const { t } = useTranslation('home');
  const [, navigate] = useLocation();
  const leave = (
    <Button variant="default" leftSection={<IconX size={14} aria-hidden />} onClick={() => navigate(routes.home(), { replace: true })}>
      {t('tour.leave')}
    </Button>
  );
  return (
    <Page title={t('tour.title')} description={t('tour.description')} actions={leave}>
      {loaded ? <OpenedTour run={run} /> : <Skeleton height={320} aria-label={t('tour.loading')} />}
    </Page>
  );
}

function OpenedTour({ run }: { readonly run: RunSummary | null }) {
  const [{ runId, own }] = useState(() => ({ runId: run?.id ?? null, own: run !== null && run.id === ownRun() }));
  return <Tour runId={runId} own={own} />;
}
