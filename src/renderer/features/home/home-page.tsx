import { Grid, Stack } from '@mantine/core';
import { Dropzone } from '@mantine/dropzone';
import { useTranslation } from 'react-i18next';
import { useLocation, useSearchParams } from 'wouter';
import { useRuns } from '../../api/use-runs.ts';
import { Page } from '../../components/page/page.tsx';
import { leaveDropped } from '../../lib/dropped-file.ts';
import { routes } from '../../lib/routes.ts';
import { HardwareCard } from './components/hardware-card.tsx';
import { QuickActions } from './components/quick-actions.tsx';
import { RecentRuns } from './components/recent-runs.tsx';
import { TourCard } from './components/tour-card.tsx';
import { rememberedRun } from './tour/tour-memory.ts';
import { Tour } from './tour/tour.tsx';

/** Where the studio opens: the machine, the tour, and what was done last. */
export function HomePage() {
  const { t } = useTranslation('home');
  const [query] = useSearchParams();
  const [, navigate] = useLocation();
  const { runs } = useRuns();
  const touring = query.get('tour') !== null;
  const tourRun = runs?.find(({ id }) => id === rememberedRun()) ?? null;
  // Whoever has trained something comes for that; the way in steps back.
  const trained = runs?.some(({ status }) => status.kind === 'completed') ?? false;
  const tour = <TourCard run={tourRun} small={trained} onStart={() => navigate(routes.tour())} />;
  const drop = (file: File | undefined) => {
    if (file === undefined) return;
    leaveDropped(file);
    navigate(routes.datasets());
  };
  return (
    <Page title={t('title')} description={t('description')}>
      <Stack gap="lg">
        {touring ? <Tour onClose={() => navigate(routes.home(), { replace: true })} /> : (
          <>
            <Dropzone.FullScreen active maxFiles={1} onDrop={(files: readonly File[]) => drop(files[0])}>
              <Stack align="center" justify="center" h="100%">{t('dropHere')}</Stack>
            </Dropzone.FullScreen>
            {!trained && <Grid gap="lg"><Grid.Col span={{ base: 12, md: 7 }}>{tour}</Grid.Col><Grid.Col span={{ base: 12, md: 5 }}><HardwareCard /></Grid.Col></Grid>}
            <QuickActions />
            <RecentRuns runs={runs} />
            {trained && <Grid gap="lg"><Grid.Col span={{ base: 12, md: 7 }}><HardwareCard /></Grid.Col><Grid.Col span={{ base: 12, md: 5 }}>{tour}</Grid.Col></Grid>}
          </>
        )}
      </Stack>
    </Page>
  );
}
