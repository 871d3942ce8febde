import '@mantine/core/styles.css';
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { I18nextProvider } from 'react-i18next';
import { Router } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
import { queryClient } from '../api/query-client.ts';
import { createTranslations } from '../i18n/translations.ts';
import { styleNonce } from '../lib/page-policy.ts';
import { theme } from '../theme/theme.ts';
import { Pages } from './pages.tsx';

const translations = createTranslations();

export function App() {
  return (
    <MantineProvider getStyleNonce={() => styleNonce} theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <I18nextProvider i18n={translations}>
          <Router hook={useHashLocation}>
            <Pages />
          </Router>
        </I18nextProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
