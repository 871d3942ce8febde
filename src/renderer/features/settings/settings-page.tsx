import { Skeleton, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { appErrorOf } from '../../api/app-error.ts';
import { useSettings } from '../../api/use-settings.ts';
import { ErrorNotice } from '../../components/error-notice/error-notice.tsx';
import { Page } from '../../components/page/page.tsx';
import { AboutCard } from './components/about-card.tsx';
import { AppearanceCard } from './components/appearance-card.tsx';
import { ComputeCard } from './components/compute-card.tsx';
import { FoldersCard } from './components/folders-card.tsx';
import { useSaveSettings } from './queries.ts';

/** What is chosen once for all screens; each choice is kept at once. */
export function SettingsPage() {
  const { t } = useTranslation('settings');
  const settings = useSettings(true);
  const save = useSaveSettings();
  return (
    <Page title={t('title')} description={t('description')}>
      {settings.error && <ErrorNotice error={appErrorOf(settings.error)} onRetry={() => void settings.refetch()} />}
      {settings.isPending && <Skeleton h={320} />}
      {settings.data && (
        <Stack gap="md" maw={880}>
          <AppearanceCard settings={settings.data} onChange={save.mutate} />
          <ComputeCard settings={settings.data} onChange={save.mutate} />
          <FoldersCard settings={settings.data} onChange={save.mutate} />
          <AboutCard />
        </Stack>
      )}
    </Page>
  );
}
