import { Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';

export function TrainPage() {
  const { t } = useTranslation('train');
  return <Title order={1}>{t('title')}</Title>;
}
