import { Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';

export function RunPage({ id }: { readonly id: string }) {
  const { t } = useTranslation('runs');
  return <Title order={1}>{t('title')} {id}</Title>;
}
