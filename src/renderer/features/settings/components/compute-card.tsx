import { Badge, Button, Card, Group, Radio, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { NumberKind } from '../../../../shared/lib/read-number.ts';
import { deviceChoiceSchema } from '../../../../shared/domain/device.ts';
import { requestedDeviceSchema } from '../../../../shared/domain/settings.ts';
import { appErrorOf } from '../../../api/app-error.ts';
import { api } from '../../../api/client.ts';
import { ErrorNotice } from '../../../components/error-notice/error-notice.tsx';
import { NumberField, shownOf } from '../../../components/number-field/number-field.tsx';
import type { SettingsCardProps } from './appearance-card.tsx';

/** `reference` is for checking the engine, too slow for people; the command line has it. */
const OFFERED = requestedDeviceSchema.options.filter((device) => device !== 'reference');

const THREADS: NumberKind = { integer: true, units: ['thread', 'threads'] };

/** What runs train on. */
export function ComputeCard({ settings, onChange }: SettingsCardProps) {
  const { t } = useTranslation('settings');
  // Kept with the field until it is left: a number half typed is no setting.
  const [typed, setTyped] = useState<string | null>(null);
  const reports = useQuery(api.system.devices.queryOptions({ input: { refresh: false } }));
  const reportOf = (device: string) => reports.data?.find((each) => each.device === deviceChoiceSchema.safeParse(device).data);
  return (
    <Card>
      <Title order={2} mb="sm">
        {t('compute.title')}
      </Title>
      <Stack gap="md">
        <Radio.Group
          label={t('compute.device')}
          description={t('compute.deviceHelp')}
          value={settings.device}
          onChange={(value) => onChange({ device: requestedDeviceSchema.parse(value) })}
        >
          <Stack gap="xs" mt="xs">
            {OFFERED.map((device) => {
              const report = reportOf(device);
              return (
                <Radio
                  key={device}
                  value={device}
                  description={device === 'auto' ? t('compute.autoHelp') : report?.description}
                  label={
                    <Group gap="xs" component="span">
                      {t(`compute.devices.${device}`)}
                      {report !== undefined && (
                        <Badge component="span" color={report.available ? 'accent' : 'gray'}>
                          {report.available ? t('compute.available') : t('compute.unavailable')}
                        </Badge>
                      )}
                    </Group>
                  }
                />
              );
            })}
          </Stack>
        </Radio.Group>
        {reports.isPending && <Skeleton h={16} w={280} />}
        {reports.error && <ErrorNotice error={appErrorOf(reports.error)} onRetry={() => void reports.refetch()} />}
        <Group align="flex-start" gap="xs">
          <NumberField
            label={t('compute.threads')}
            description={t('compute.threadsHelp')}
            placeholder={t('compute.threadsAuto')}
            min={1}
            max={1024}
            kind={THREADS}
            w={320}
            value={typed ?? settings.threads}
            onChange={(next) => setTyped(shownOf(next))}
            onCommit={(threads) => (setTyped(null), threads !== settings.threads && onChange({ threads }))}
          />
          {settings.threads !== null && (
            <Button variant="default" className="beside-field" onClick={() => (setTyped(null), onChange({ threads: null }))}>
              {t('compute.threadsReset')}
            </Button>
          )}
        </Group>
        <Text size="xs" c="dimmed">
          {t('compute.note')}
        </Text>
      </Stack>
    </Card>
  );
}
