import { Button, Card, Group, Table, Text } from '@mantine/core';
import { IconArrowsDiff, IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { MAIN_METRIC } from '../../../../shared/domain/metrics.ts';
import type { RunDetail } from '../../../../shared/domain/run-record.ts';
import { outcomeDownloadPath } from '../../../../shared/domain/upload.ts';
import { startDownload } from '../../../api/download.ts';
import { notifyError } from '../../../components/notify/notify.ts';
import { formatCount, formatNumber } from '../../../lib/format.ts';
import { routes } from '../../../lib/routes.ts';
import type { RunCurves } from '../../../lib/run-curves.ts';
import { valueOf } from '../view-model.ts';

/** What has been saved: each can be downloaded as a PEFT adapter, or as a model. */
export function RunCheckpoints({ run, curves }: { readonly run: RunDetail; readonly curves: RunCurves }) {
  const { t } = useTranslation('runs');
  // Of the evaluations at these steps; a run without any has no such column.
  const evaluated = new Map(
    curves.step.flatMap((step, i) => (typeof curves.column('eval_loss')[i] === 'number' ? [[step, curves.column('eval_loss')[i]!] as const] : [])),
  );
  const byLoss = (run.recipe.metric_for_best_model ?? 'loss') === 'loss';
  const best = byLoss ? Math.min(...evaluated.values()) : null;
  if (run.checkpoints.length === 0)
    return (
      <Card>
        <Text c="dimmed">{t('checkpoints.empty')}</Text>
      </Card>
    );
  return (
    <Card padding={0}>
      <Table aria-label={t('tabs.checkpoints')}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('checkpoints.step')}</Table.Th>
            <Table.Th>{t('checkpoints.loss')}</Table.Th>
            {evaluated.size > 0 && <Table.Th>{t('checkpoints.evaluation')}</Table.Th>}
            <Table.Th />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {run.checkpoints.toReversed().map((each) => {
            const there = valueOf(curves.step, curves.column(MAIN_METRIC), each);
            return (
              <Table.Tr key={each}>
                <Table.Td className="numeric">{formatCount(each)}</Table.Td>
                <Table.Td className="numeric">{there === null ? '–' : formatNumber(there)}</Table.Td>
                {evaluated.size > 0 && (
                  <Table.Td className="numeric">
                    {!evaluated.has(each) ? '–' : formatNumber(evaluated.get(each)!)}
                    {evaluated.get(each) === best && (
                      <Text span c="var(--ts-good)" fw={600} ml="xs">
                        {t('checkpoints.best')}
                      </Text>
                    )}
                  </Table.Td>
                )}
                <Table.Td>
                  <Group gap="xs" justify="flex-end">
                    <Button
                      onClick={() => void startDownload(outcomeDownloadPath(run.id, each), notifyError)}
                      variant="default"
                      leftSection={<IconDownload size={14} />}
                      aria-label={t('checkpoints.downloadAt', { step: each })}
                    >
                      {t('checkpoints.download')}
                    </Button>
                    {run.model.id !== null && (
                      <Button
                        component={Link}
                        href={routes.compare({ model: run.model.id, runs: `${run.id}:${each}` })}
                        variant="default"
                        leftSection={<IconArrowsDiff size={14} />}
                        aria-label={t('checkpoints.compareAt', { step: each })}
                      >
                        {t('actions.compare')}
                      </Button>
                    )}
                  </Group>
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Card>
  );
}
