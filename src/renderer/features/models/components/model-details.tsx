import { Code, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { FactRow, ModelFacts, ModelRecord } from '../../../../shared/domain/model.ts';
import { ErrorNotice } from '../../../components/error-notice/error-notice.tsx';
import { Stat } from '../../../components/stat/stat.tsx';
import { formatBytes, formatCompact, formatCount } from '../../../lib/format.ts';
import { useWholeModel } from '../../../api/use-models.ts';
import classes from './models.module.css';

/** All that is known of a model without loading its weights. */
export function ModelDetails({ model: known }: { readonly model: ModelRecord }) {
  const model = useWholeModel(known);
  const { t } = useTranslation('models');
  return (
    <Stack gap="md">
      <Text c="dimmed" className={classes['path']!}>
        {model.path}
      </Text>
      {model.state.kind === 'unusable' ? <ErrorNotice error={model.state.error} /> : <Facts facts={model.state.facts} />}
      {model.state.kind === 'usable' && (
        <div>
          <Title order={3} mb="xs">
            {t('details.template')}
          </Title>
          {model.state.facts.chatTemplate === null ? (
            <Text c="dimmed">{t('details.noTemplate')}</Text>
          ) : (
            <Code block className={classes['template']!} tabIndex={0}>
              {model.state.facts.chatTemplate}
            </Code>
          )}
        </div>
      )}
    </Stack>
  );
}

function Facts({ facts: { context, dtypes, eosToken, license, modelType, parameters, rows, weightBytes } }: { readonly facts: ModelFacts }) {
  const { t } = useTranslation('models');
  const shown = (value: FactRow[1]) =>
    typeof value === 'number' ? formatCount(value) : typeof value === 'boolean' ? t(value ? 'yes' : 'no') : value;
  const figures: readonly (readonly [string, string])[] = [
    [t('columns.family'), modelType],
    [t('columns.parameters'), formatCompact(parameters)],
    [t('columns.size'), formatBytes(weightBytes)],
    [
      t('columns.dtype'),
      Object.entries(dtypes)
        .map(([name, bytes]) => `${name} ${formatBytes(bytes)}`)
        .join(', '),
    ],
    [t('columns.context'), formatCount(context)],
    // A label without words here is shown as the family wrote it.
    ...rows.map(([label, value]) => [t(`details.${label}`, { defaultValue: label }), shown(value)] as const),
    [t('details.eos'), eosToken ?? '–'],
    [t('columns.license'), license ?? '–'],
  ];
  return (
    <SimpleGrid cols={4} spacing="md">
      {figures.map(([label, value]) => (
        <Stat key={label} label={label} value={value} />
      ))}
    </SimpleGrid>
  );
}
