import { Badge, Button, Card, Group, NumberInput, Radio, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { deviceChoiceSchema } from '../../../../shared/domain/device.ts';
import { requestedDeviceSchema } from '../../../../shared/domain/settings.ts';
import { appErrorOf } from '../../../api/app-error.ts';
import { api } from '../../../api/client.ts';
import { ErrorNotice } from '../../../components/error-notice/error-notice.tsx';
import type { SettingsCardProps } from './appearance-card.tsx';

/** `reference` is for checking the engine, too slow for people; the command line has it. */
const OFFERED = requestedDeviceSchema.options.filter((device) => device !== 'reference');

/** What runs train on. */
export function ComputeCard({ settings, onChange }: SettingsCardProps) {
  const { t } = useTranslation('settings');
  const reports = useQuery(api.system.devices.queryOptions({ input: { refresh: false } }));
  const reportOf = (device: string) => reports.data?.find((each) => each.device === deviceChoiceSchema.safeParse(device).data);
  return (
    <Card>
      <Title order={2} mb="sm">{t('compute.title')}</Title>
      <Stack gap="md">
        <Radio.Group label={t('compute.device')} description={t('compute.deviceHelp')} value={settings.device} onChange={(value) => onChange({ device: requestedDeviceSchema.parse(value) })}>
          <Stack gap="xs" mt="xs">
            {OFFERED.map((device) => {
              const report = reportOf(device);
              return (
                <Radio key={device} value={device} description={device === 'auto' ? t('compute.autoHelp') : report?.description}
                  label={<Group gap="xs" component="span">{t(`compute.devices.${device}`)}{report !== undefined && <Badge component="span" color={report.available ? 'accent' : 'gray'}>{report.available ? t('compute.available') : t('compute.unavailable')}</Badge>}</Group>} />
              );
            })}
          </Stack>
        </Radio.Group>
        {reports.isPending && <Skeleton h={16} w={280} />}
        {reports.error && <ErrorNotice error={appErrorOf(reports.error)} onRetry={() => void reports.refetch()} />}
        <Group align="flex-end" gap="xs">
          <NumberInput label={t('compute.threads')} description={t('compute.threadsHelp')} placeholder={t('compute.threadsAuto')} min={1} max={1024} allowDecimal={false} w={320}
            value={settings.threads ?? ''} onBlur={(event) => onChange({ threads: event.currentTarget.value === '' ? null : Math.min(1024, Math.max(1, Number(event.currentTarget.value))) })} />
          {settings.threads !== null && <Button variant="default" onClick={() => onChange({ threads: null })}>{t('compute.threadsReset')}</Button>}
        </Group>
        <Text size="xs" c="dimmed">{t('compute.note')}</Text>
      </Stack>
    </Card>
  );
}
