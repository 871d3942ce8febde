import '@fontsource-variable/inter';
import '@fontsource-variable/jetbrains-mono';
import '@mantine/core/styles.css';
import '@mantine/dropzone/styles.css';
import '@mantine/notifications/styles.css';
import '@mantine/spotlight/styles.css';
import '../theme/global.css';
import { MantineProvider } from '@mantine/core';
import { ModalsProvider } from '@mantine/modals';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { I18nextProvider } from 'react-i18next';
import { Router } from 'wouter';
import { queryClient } from '../api/query-client.ts';
import { createTranslations } from '../i18n/translations.ts';
import { useHashPlace } from '../lib/hash-location.ts';
import { styleNonce } from '../lib/page-policy.ts';
import { cssVariables, theme } from '../theme/theme.ts';
import { Pages } from './pages.tsx';
import { Shell } from './shell.tsx';

const translations = createTranslations();
const dialogLabels = { confirm: translations.t('confirm'), cancel: translations.t('cancel') };

/** Everything screens stand in. */
export function App() {
  return (
    <MantineProvider getStyleNonce={() => styleNonce} theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <I18nextProvider i18n={translations}>
          <Router hook={useHashPlace}>
            <ModalsProvider labels={dialogLabels} modalProps={{ closeButtonProps: { 'aria-label': translations.t('close') } }}>
              <Notifications position="bottom-right" />
              <Shell>
                <Pages />
              </Shell>
            </ModalsProvider>
          </Router>
        </I18nextProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
