import { Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';

export function RunsPage() {
  const { t } = useTranslation('runs');
  return <Title order={1}>{t('title')}</Title>;
}
