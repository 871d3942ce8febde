import { Button } from '@mantine/core';
import { IconMapOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { EmptyState } from '../components/empty-state/empty-state.tsx';
import { Page } from '../components/page/page.tsx';
import { routes } from '../lib/routes.ts';

export function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <Page title={t('notFound.title')}>
      <EmptyState
        icon={<IconMapOff />}
        title={t('notFound.title')}
        description={t('notFound.description')}
        action={
          <Button component={Link} href={routes.home()}>
            {t('notFound.action')}
          </Button>
        }
      />
    </Page>
  );
}
