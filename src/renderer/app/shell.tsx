import { Text } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { useConnection } from '../api/connection.ts';
import { useWatchRuns } from '../api/use-runs.ts';
import { EmptyState } from '../components/empty-state/empty-state.tsx';
import { CommandPalette } from './command-palette.tsx';
import { ConnectionBanner } from './connection-banner.tsx';
import { Navigation } from './navigation.tsx';
import { ScreenBoundary } from './screen-boundary.tsx';
import { StudioNotices } from './studio-notices.tsx';
import classes from './shell.module.css';

/** What stays while screens change. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const { t } = useTranslation();
  const [location] = useLocation();
  const { refused, opened } = useConnection();
  const neverLetIn = refused && opened === 0;
  useWatchRuns();
  const focusMain = () => document.querySelector<HTMLElement>('main')?.focus();
  return (
    <div className={classes['shell']}>
      {/* A link would change the path, which is the screen. */}
      <button type="button" className={classes['skip']} onClick={focusMain}>
        <Text span>{t('skipToContent')}</Text>
      </button>
      <Navigation />
      <main className={classes['main']} tabIndex={-1}>
        {neverLetIn ? (
          <EmptyState icon={<IconKey />} title={t('connection.closed')} description={t('connection.closedHint')} />
        ) : (
          <>
            <ConnectionBanner />
            <StudioNotices />
            <ScreenBoundary key={location}>{children}</ScreenBoundary>
          </>
        )}
      </main>
      <CommandPalette />
    </div>
  );
}
