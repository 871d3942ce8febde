import { Button, Popover, SegmentedControl, SimpleGrid, Stack, Switch, Text } from '@mantine/core';
import { IconAdjustments } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useState } from 'react';
import type { Sampling } from '../../../../shared/domain/generation.ts';
import type { NumberKind } from '../../../../shared/lib/read-number.ts';
import { NumberField as TypedNumber, shownOf } from '../../../components/number-field/number-field.tsx';
import classes from './bench.module.css';
import { DEFAULT_SETTINGS, type AnswerSettings } from '../draft.ts';

type NumberField = 'temperature' | 'topK' | 'topP' | 'minP' | 'repetitionPenalty';

interface Range {
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly decimals: number;
}

/** The ranges of `samplingSchema`, with the steps of the arrows. */
const RANGES: Readonly<Record<NumberField, Range>> = {
  temperature: { min: 0.01, max: 100, step: 0.1, decimals: 2 },
  topK: { min: 0, max: 1_000_000, step: 10, decimals: 0 },
  topP: { min: 0.01, max: 1, step: 0.05, decimals: 3 },
  minP: { min: 0, max: 0.99, step: 0.01, decimals: 3 },
  repetitionPenalty: { min: 0.01, max: 100, step: 0.05, decimals: 2 },
};
const SAMPLED: readonly NumberField[] = ['temperature', 'topK', 'topP', 'minP'];

interface AnswerSettingsProps {
  readonly settings: AnswerSettings;
  readonly onChange: (settings: AnswerSettings) => void;
}

/** How answers are drawn, behind a button that says what is set. */
export function AnswerSettingsButton({ settings, onChange }: AnswerSettingsProps) {
  const { t } = useTranslation('compare');
  const { sampling, maxNewTokens, seed } = settings;
  const summary = sampling.doSample
    ? t('settings.sampled', { temperature: sampling.temperature, tokens: maxNewTokens })
    : t('settings.greedy', { tokens: maxNewTokens });
  return (
    <Popover position="bottom-end" width={360} withinPortal trapFocus shadow="md">
      <Popover.Target>
        <Button variant="default" leftSection={<IconAdjustments size={14} aria-hidden />} aria-label={t('settings.button', { summary })}>
          {summary}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm">
          <div>
            <Text size="xs" fw={500} mb={4} id="decoding">
              {t('settings.decoding')}
            </Text>
            <SegmentedControl
              fullWidth
              aria-labelledby="decoding"
              value={sampling.doSample ? 'sample' : 'greedy'}
              data={[
                { value: 'greedy', label: t('settings.greedyChoice') },
                { value: 'sample', label: t('settings.sampleChoice') },
              ]}
              onChange={(value) => onChange({ ...settings, sampling: { ...sampling, doSample: value === 'sample' } })}
            />
            <Text size="xs" c="dimmed" mt={4}>
              {sampling.doSample ? t('settings.sampleHelp') : t('settings.greedyHelp')}
            </Text>
          </div>
          <SimpleGrid cols={2} spacing="sm" verticalSpacing="xs" className={classes['settings']!}>
            {(sampling.doSample ? [...SAMPLED, 'repetitionPenalty' as const] : ['repetitionPenalty' as const]).map((name) => (
              <SamplingField key={name} name={name} sampling={sampling} onChange={(next) => onChange({ ...settings, sampling: next })} />
            ))}
            <SettingField
              label={t('settings.maxNewTokens')}
              range={{ min: 1, max: 32_768, step: 16, decimals: 0 }}
              value={maxNewTokens}
              onChange={(value) => onChange({ ...settings, maxNewTokens: value })}
            />
            <SettingField
              label={t('settings.seed')}
              range={{ min: 0, max: 0xffff_ffff, step: 1, decimals: 0 }}
              value={seed}
              onChange={(value) => onChange({ ...settings, seed: value })}
            />
          </SimpleGrid>
          <Switch
            label={t('settings.plain')}
            description={t('settings.plainHelp')}
            checked={settings.plain}
            onChange={(event) => onChange({ ...settings, plain: event.currentTarget.checked })}
          />
          <Button variant="subtle" color="gray" onClick={() => onChange({ ...DEFAULT_SETTINGS, system: settings.system })}>
            {t('settings.reset')}
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

function SamplingField({
  name,
  sampling,
  onChange,
}: {
  readonly name: NumberField;
  readonly sampling: Sampling;
  readonly onChange: (sampling: Sampling) => void;
}) {
  const { t } = useTranslation('compare');
  return (
    <SettingField
      label={t(`settings.${name}`)}
      range={RANGES[name]}
      value={sampling[name]}
      onChange={(value) => onChange({ ...sampling, [name]: value })}
    />
  );
}

const WHOLE: NumberKind = { integer: true, units: ['token', 'tokens'] };
const ANY: NumberKind = {};

/** What is no number in range is kept and told, and the setting stays what it was. */
function SettingField({
  label,
  range: { min, max, step, decimals },
  value,
  onChange,
}: {
  readonly label: string;
  readonly range: Range;
  readonly value: number;
  readonly onChange: (value: number) => void;
}) {
  const [wrong, setWrong] = useState<string | null>(null);
  const take = (next: number | string | null) => {
    const good = typeof next === 'number' && next >= min && next <= max && (decimals > 0 || Number.isInteger(next));
    setWrong(good ? null : shownOf(next));
    if (good) onChange(next);
  };
  return <TypedNumber label={label} kind={decimals === 0 ? WHOLE : ANY} min={min} max={max} step={step} value={wrong ?? value} onChange={take} />;
}
