import { Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';

export function ComparePage() {
  const { t } = useTranslation('compare');
  return <Title order={1}>{t('title')}</Title>;
}
