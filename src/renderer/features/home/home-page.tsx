import { Grid, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useLocation, useSearchParams } from 'wouter';
import { useRuns } from '../../api/use-runs.ts';
import { Page } from '../../components/page/page.tsx';
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
  return (
    <Page title={t('title')} description={t('description')}>
      <Stack gap="lg">
        {touring ? <Tour onClose={() => navigate(routes.home(), { replace: true })} /> : (
          <>
            <Grid gap="lg">
              <Grid.Col span={{ base: 12, md: 7 }}><TourCard run={tourRun} onStart={() => navigate(routes.tour())} /></Grid.Col>
              <Grid.Col span={{ base: 12, md: 5 }}><HardwareCard /></Grid.Col>
            </Grid>
            <QuickActions />
            <RecentRuns runs={runs} />
          </>
        )}
      </Stack>
    </Page>
  );
}
