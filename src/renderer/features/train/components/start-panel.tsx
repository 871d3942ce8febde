/** @file What stands beside the form: what the run will take, and the button that starts it. */
import { Button, Card, Group, Progress, Stack, Text, TextInput, Title } from '@mantine/core';
import { useDebouncedValue, useHotkeys } from '@mantine/hooks';
import { IconGauge, IconPlayerPlay } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MeasureUpdate, RunEstimate } from '../../../../shared/domain/run-record.ts';
import { isActive } from '../../../../shared/domain/run.ts';
import type { AppErrorFields } from '../../../../shared/lib/app-error.ts';
import { appErrorOf } from '../../../api/app-error.ts';
import { client } from '../../../api/client.ts';
import { useLongTask } from '../../../api/use-long-task.ts';
import { useRuns } from '../../../api/use-runs.ts';
import { confirm } from '../../../components/confirm/confirm.tsx';
import { ErrorNotice } from '../../../components/error-notice/error-notice.tsx';
import { ProgressLine } from '../../../components/progress-line/progress-line.tsx';
import { Stat } from '../../../components/stat/stat.tsx';
import { formatBytes, formatCompact, formatCount, formatDuration } from '../../../lib/format.ts';
import { useEstimate, type Subject } from '../queries.ts';
import { stepsOf, type FormState } from '../../../lib/recipe-form.ts';
import classes from './train.module.css';

export interface StartPanelProps {
  readonly subject: Subject | null;
  readonly state: FormState;
  readonly rows: number | null;
  /** The settings contradict each other. */
  readonly blocked: boolean;
  readonly notices: readonly string[];
  readonly starting: boolean;
  readonly error: AppErrorFields | null;
  readonly onStart: (name: string | null) => void;
}

/** What the run will come to, what it needs, and the button. */
export function StartPanel({ subject, state, rows, blocked, notices, starting, error, onStart }: StartPanelProps) {
  const { t } = useTranslation('train');
  const [name, setName] = useState('');
  const { runs } = useRuns();
  const active = runs?.find(({ status }) => isActive(status));
  const settings = state.kind === 'valid' ? state.settings : null;
  const steps = settings === null ? null : stepsOf(settings, rows);
  const ready = subject !== null && settings !== null && !blocked;
  const [lack, setLack] = useState<Lack | null>(null);
  const start = async () => {
    if (!ready) return;
    const question = lack !== null && {
      title: t('panel.lack.title'),
      message: t('panel.lack.message', { needed: formatBytes(lack.needed), available: formatBytes(lack.available) }),
      confirmLabel: t('panel.lack.confirm'),
    };
    if (question === false || (await confirm(question))) onStart(name.trim() === '' ? null : name.trim());
  };
  useHotkeys([['mod+Enter', () => void start()]], []);
  return (
    <Card className={classes['side']!} component="section" aria-label={t('panel.title')}>
      <Stack gap="md">
        <Title order={2}>{t('panel.title')}</Title>
        <Group gap="lg">
          <Stat
            label={t('panel.batch')}
            value={settings === null ? '–' : formatCount(settings.per_device_train_batch_size * settings.gradient_accumulation_steps)}
            unit={t('panel.examples')}
            hint={t('panel.batchHint')}
          />
          <Stat label={t('panel.steps')} value={steps === null ? '–' : formatCount(steps)} hint={t('panel.stepsHint')} />
        </Group>
        <Needs subject={subject} state={state} onLack={setLack} />
        {notices.map((notice) => (
          <Text key={notice} size="xs" c="dimmed">
            {notice}
          </Text>
        ))}
        <TextInput
          label={t('panel.name')}
          placeholder={t('panel.namePlaceholder')}
          value={name}
          maxLength={200}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {error !== null && <ErrorNotice error={error} />}
        {active !== undefined && (
          <Text size="xs" c="dimmed">
            {t('panel.busy', { name: active.name })}
          </Text>
        )}
        <Button size="sm" leftSection={<IconPlayerPlay size={16} />} disabled={!ready} loading={starting} onClick={() => void start()}>
          {t('panel.start')}
        </Button>
        {!ready && (
          <Text size="xs" c="dimmed">
            {subject === null ? t('panel.chooseFirst') : t('panel.mendFirst')}
          </Text>
        )}
      </Stack>
    </Card>
  );
}

/** More is needed than is free. */
interface Lack {
  readonly needed: number;
  readonly available: number;
}

function lackOf({ memory }: RunEstimate, peak: number | null): Lack | null {
  const needed = peak ?? memory.total;
  return memory.available === null || needed <= memory.available ? null : { needed, available: memory.available };
}

/** Memory and time: by the engine's plan, by earlier runs, or measured by a few real steps. */
function Needs({
  subject,
  state,
  onLack,
}: {
  readonly subject: Subject | null;
  readonly state: FormState;
  readonly onLack: (lack: Lack | null) => void;
}) {
  const { t } = useTranslation('train');
  const [settled] = useDebouncedValue(state, 300);
  const settings = settled.kind === 'valid' ? settled.settings : null;
  const estimate = useEstimate(subject, settings);
  const [measured, setMeasured] = useState<Extract<MeasureUpdate, { kind: 'done' }> | null>(null);
  const [progress, setProgress] = useState<Extract<MeasureUpdate, { kind: 'progress' }> | null>(null);
  const measure = useLongTask<MeasureUpdate>(
    (signal) => client.runs.measure({ ...subject!, settings: settings! }, { signal }),
    (update) => {
      if (update.kind === 'progress') setProgress(update);
      else setMeasured(update);
    },
  );
  // What was measured is true of those settings alone.
  useEffect(() => setMeasured(null), [settings, subject]);
  const shown = measured?.estimate ?? estimate.data;
  const peak = measured?.peakBytes ?? null;
  useEffect(() => onLack(shown === undefined ? null : lackOf(shown, peak)), [shown, peak, onLack]);
  return (
    <Stack gap="sm">
      {shown !== undefined && <Figures estimate={shown} peak={peak} />}
      {estimate.error && <ErrorNotice error={appErrorOf(estimate.error)} />}
      {measure.error && <ErrorNotice error={measure.error} />}
      {measure.running && (
        <ProgressLine
          label={t(`phases.${progress?.phase ?? 'loading'}`)}
          done={progress?.done ?? 0}
          total={progress?.total ?? 0}
          onCancel={measure.cancel}
        />
      )}
      {!measure.running && (
        <Button variant="default" leftSection={<IconGauge size={14} />} disabled={subject === null || settings === null} onClick={measure.start}>
          {t('panel.measure')}
        </Button>
      )}
    </Stack>
  );
}

function Figures({ estimate, peak }: { readonly estimate: RunEstimate; readonly peak: number | null }) {
  const { t } = useTranslation('train');
  const { memory, time } = estimate;
  const total = peak ?? memory.total;
  const whole = Math.max(total, memory.available ?? 0, 1);
  const lack = lackOf(estimate, peak);
  const activations = Math.max(0, total - memory.weights - memory.adapter - memory.engine);
  return (
    <Stack gap={6}>
      <Group justify="space-between" gap="xs">
        <Text fw={500}>{t('panel.memory')}</Text>
        <Text className="numeric">
          {memory.available === null
            ? formatBytes(total)
            : t('panel.memoryOf', { needed: formatBytes(total), available: formatBytes(memory.available) })}
        </Text>
      </Group>
      <Progress.Root size="md" aria-label={t('panel.memory')}>
        <Progress.Section value={(memory.weights / whole) * 100} color="var(--ts-chart-1)" aria-label={t('panel.weights')} />
        <Progress.Section value={(memory.adapter / whole) * 100} color="var(--ts-chart-3)" aria-label={t('panel.adapter')} />
        <Progress.Section value={(activations / whole) * 100} color="var(--ts-chart-2)" aria-label={t('panel.activations')} />
        <Progress.Section value={(memory.engine / whole) * 100} color="var(--ts-chart-4)" aria-label={t('panel.engine')} />
      </Progress.Root>
      <Text size="xs" c="dimmed" className="numeric">
        {t('panel.parts', {
          weights: formatBytes(memory.weights),
          adapter: formatBytes(memory.adapter),
          activations: formatBytes(activations),
          engine: formatBytes(memory.engine),
        })}
      </Text>
      {memory.available !== null && (
        <Text size="xs" fw={500} c={lack === null ? 'var(--ts-good)' : 'var(--ts-bad)'}>
          {lack === null ? t('panel.fits') : t('panel.fitsNot', { more: formatBytes(lack.needed - lack.available) })}
        </Text>
      )}
      <Group justify="space-between" gap="xs">
        <Text fw={500}>{t('panel.time')}</Text>
        <Text className="numeric">{time === null ? t('panel.timeUnknown') : formatDuration(time.seconds)}</Text>
      </Group>
      {time !== null && (
        <Text size="xs" c="dimmed">
          {t(`panel.basis.${time.basis}`)}
        </Text>
      )}
      <Text size="xs" c="dimmed">
        {t('panel.onDevice', { device: estimate.deviceName, trainable: formatCompact(estimate.trainableParameters) })}
      </Text>
      {estimate.advice.map((sentence) => (
        <Text key={sentence} size="xs">
          {sentence}
        </Text>
      ))}
    </Stack>
  );
}
