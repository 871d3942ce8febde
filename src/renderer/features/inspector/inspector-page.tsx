import { Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';

export function InspectorPage() {
  const { t } = useTranslation('inspector');
  return <Title order={1}>{t('title')}</Title>;
}
