import { Badge, Button, Card, Group, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { appErrorOf } from '../../../api/app-error.ts';
import { ErrorNotice } from '../../../components/error-notice/error-notice.tsx';
import { Stat } from '../../../components/stat/stat.tsx';
import { formatBytes } from '../../../lib/format.ts';
import { hardwareOf, type Hardware } from '../hardware.ts';
import { useMachine, useRefreshMachine } from '../queries.ts';
import classes from './home.module.css';

/** What this machine can train on, and why not on more. */
export function HardwareCard() {
  const { t } = useTranslation('home');
  const { info, devices, settings } = useMachine();
  const refresh = useRefreshMachine();
  const error = refresh.error ?? devices.error ?? info.error ?? settings.error;
  return (
    <Card component="section" aria-label={t('hardware.title')} h="100%" padding="lg">
      <Group justify="space-between" mb="sm">
        <Title order={2}>{t('hardware.title')}</Title>
        <Button
          variant="subtle"
          color="gray"
          leftSection={<IconRefresh size={14} aria-hidden />}
          loading={refresh.isPending}
          onClick={() => refresh.mutate()}
        >
          {t('hardware.refresh')}
        </Button>
      </Group>
      <Stack gap="md">
        {error !== null && <ErrorNotice error={appErrorOf(error)} onRetry={() => refresh.mutate()} />}
        {error === null &&
          (devices.data === undefined || settings.data === undefined ? (
            <Text c="dimmed" mih={72}>
              {t('hardware.asking')}
            </Text>
          ) : (
            <div className={classes['devices']}>
              <Devices hardware={hardwareOf(devices.data, settings.data.device)} />
            </div>
          ))}
        {info.data === undefined ? (
          <Skeleton height={96} aria-label={t('hardware.asking')} />
        ) : (
          <SimpleGrid type="container" cols={{ base: 2, '720px': 4 }} spacing="md" verticalSpacing="xs">
            <Stat
              label={t('hardware.cpu')}
              value={<span className={classes['value']}>{info.data.cpu.model || info.data.platform}</span>}
              unit={t('hardware.cores', { count: info.data.cpu.cores })}
            />
            <Stat
              label={t('hardware.memory')}
              value={formatBytes(info.data.memoryBytes)}
              unit={t('hardware.free', { size: formatBytes(info.data.freeMemoryBytes) })}
            />
            <Stat label={t('hardware.disk')} value={formatBytes(info.data.freeDiskBytes)} unit={t('hardware.left')} hint={info.data.dataFolder} />
            <Stat label={t('hardware.version')} value={info.data.version} unit={t(`hardware.host.${info.data.host}`)} />
          </SimpleGrid>
        )}
      </Stack>
    </Card>
  );
}

function Devices({ hardware: { used, chosen, gpu } }: { readonly hardware: Hardware }) {
  const { t } = useTranslation('home');
  return (
    <Stack gap={6}>
      <Group gap="xs" align="flex-start" wrap="nowrap">
        <Badge color={used === null ? 'red' : 'accent'} className={classes['badge']}>
          {used === null ? t('hardware.unusable') : t(`hardware.device.${used.device}`)}
        </Badge>
        <Text fw={500} className={classes['words']}>
          {used?.description ?? t('hardware.chosenUnusable')}
        </Text>
      </Group>
      {chosen && (
        <Text size="xs" c="dimmed">
          {t('hardware.chosen')}
        </Text>
      )}
      {gpu !== null && !gpu.available && (
        <Text c="dimmed" className={classes['words']}>
          {t('hardware.noGpu', { reason: gpu.description })}
        </Text>
      )}
    </Stack>
  );
}
