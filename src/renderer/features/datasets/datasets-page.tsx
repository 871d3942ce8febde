import { Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';

export function DatasetsPage() {
  const { t } = useTranslation('datasets');
  return <Title order={1}>{t('title')}</Title>;
}
