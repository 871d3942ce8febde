import { Card, SimpleGrid, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '../../../api/client.ts';
import { Stat } from '../../../components/stat/stat.tsx';

/** Version and host, and what does not leave the machine. */
export function AboutCard() {
  const { t } = useTranslation('settings');
  const { data: info } = useQuery(api.system.info.queryOptions());
  return (
    <Card>
      <Title order={2} mb="sm">
        {t('about.title')}
      </Title>
      <SimpleGrid cols={3}>
        <Stat label={t('about.version')} value={info?.version ?? '…'} />
        <Stat label={t('about.host')} value={info === undefined ? '…' : t(`about.hosts.${info.host}`)} />
        <Stat label={t('about.platform')} value={info?.platform ?? '…'} />
      </SimpleGrid>
      <Text c="dimmed" mt="sm">
        {t('about.privacy')}
      </Text>
    </Card>
  );
}
