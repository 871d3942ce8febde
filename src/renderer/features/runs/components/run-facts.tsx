import { SimpleGrid } from '@mantine/core';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { RunData, RunDetail } from '../../../../shared/domain/run-record.ts';
import { MaskBar } from '../../../components/mask-bar/mask-bar.tsx';
import { Stat } from '../../../components/stat/stat.tsx';
import { formatBytes, formatCompact, formatCount, formatPercent } from '../../../lib/format.ts';

/** What the run is made of. */
export function RunFacts({ run }: { readonly run: RunDetail }) {
  const { t } = useTranslation('runs');
  const { started, data, memory } = run;
  return (
    <SimpleGrid cols={{ base: 2, xs: 3, md: 4 }} spacing="md" verticalSpacing="xs">
      <Stat
        label={t('facts.speed')}
        value={run.tokensPerSecond === null ? '–' : formatCount(run.tokensPerSecond)}
        unit={run.tokensPerSecond === null ? undefined : t('facts.speedUnit')}
      />
      <Stat label={t('facts.memory')} value={memory === null ? '–' : formatBytes(memory.peak)} hint={t('facts.memoryHint')} />
      <Stat label={t('facts.rows')} value={data === null ? '–' : formatCount(data.rows)} unit={data === null ? undefined : rowsUnit(data, t)} />
      <div>
        <Stat
          label={t('facts.tokens')}
          value={data === null ? '–' : formatCompact(data.tokens)}
          unit={data === null ? undefined : t('facts.trained', { share: formatPercent(data.targets / Math.max(1, data.tokens)) })}
          hint={t('facts.tokensHint')}
        />
        {data !== null && <MaskBar trained={data.targets} masked={data.tokens - data.targets} cut={0} size="xs" />}
      </div>
      <Stat
        label={t('facts.device')}
        value={started === null ? t(`devices.${run.device}`) : deviceName(started.device)}
        unit={started?.precision}
        hint={started?.device}
      />
      <Stat
        label={t('facts.trainable')}
        value={started === null ? '–' : formatCompact(started.trainableParameters)}
        unit={
          started === null
            ? undefined
            : t('facts.ofParameters', {
                share: formatPercent(started.trainableParameters / started.totalParameters),
                total: formatCompact(started.totalParameters),
              })
        }
        hint={t('facts.trainableHint')}
      />
      <Stat
        label={t('facts.longest')}
        value={data === null ? '–' : formatCount(data.longest)}
        unit={data === null ? undefined : data.truncated === 0 ? t('facts.tokenUnit') : t('facts.truncated', { count: data.truncated })}
      />
    </SimpleGrid>
  );
}

function rowsUnit({ packs, dropped, evaluated }: RunData, t: TFunction<'runs'>): string | undefined {
  const said = [
    ...(packs === undefined ? [] : [t('facts.packs', { count: packs })]),
    ...(evaluated === undefined ? [] : [t(evaluated.heldOut ? 'facts.heldOut' : 'facts.evaluated', { count: evaluated.rows })]),
    ...(dropped === 0 ? [] : [t('facts.dropped', { count: dropped })]),
  ];
  return said.length === 0 ? undefined : said.join(', ');
}

/** Without what stands in brackets, such as the version of a library: the hint has all of it. */
function deviceName(device: string): string {
  return device.replace(/\s*\(.*\)$/, '');
}
