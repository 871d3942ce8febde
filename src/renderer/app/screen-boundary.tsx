import { Button } from '@mantine/core';
import { IconMoodSad } from '@tabler/icons-react';
import { Component, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../components/empty-state/empty-state.tsx';
import { Page } from '../components/page/page.tsx';

interface BoundaryState {
  readonly error: Error | null;
}

/** A screen that throws takes itself down, not the studio. */
export class ScreenBoundary extends Component<{ readonly children: ReactNode }, BoundaryState> {
  override state: BoundaryState = { error: null };

  static getDerivedStateFromError(error: Error): BoundaryState {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return <Crashed message={this.state.error.message} onRetry={() => this.setState({ error: null })} />;
  }
}

function Crashed({ message, onRetry }: { readonly message: string; readonly onRetry: () => void }) {
  const { t } = useTranslation();
  return (
    <Page title={t('crashed.title')}>
      <EmptyState
        icon={<IconMoodSad />}
        title={message}
        description={t('crashed.description')}
        action={<Button onClick={onRetry}>{t('crashed.action')}</Button>}
      />
    </Page>
  );
}
