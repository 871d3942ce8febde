import { Group, Loader, Text } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Column } from '../../../../shared/domain/generation.ts';
import { appErrorOf } from '../../../api/app-error.ts';
import { formatBytes } from '../../../lib/format.ts';
import { useReadiness } from '../queries.ts';

/** Loads the model when the screen opens, and says how far that is: the first answer then begins at once. */
export function ReadinessLine({
  modelId,
  columns,
  asking,
}: {
  readonly modelId: string | null;
  readonly columns: readonly Column[];
  readonly asking: boolean;
}) {
  const { t } = useTranslation('compare');
  const ready = useReadiness(modelId, columns, !asking);
  if (asking || (ready.data === undefined && ready.error === null && !ready.isFetching)) return <Line />;
  if (ready.error !== null) return <Line text={appErrorOf(ready.error).message} />;
  if (ready.data === undefined) return <Line icon={<Loader size={12} aria-hidden />} text={t('ready.loading')} />;
  if (ready.data.kind === 'training') return <Line text={t('ready.training')} />;
  return <Line icon={<IconCheck size={14} aria-hidden />} text={t('ready.ready', { memory: formatBytes(ready.data.bytes) })} />;
}

/** Its room is always there, so that nothing below it moves. */
function Line({ icon, text }: { readonly icon?: React.ReactNode; readonly text?: string }) {
  return (
    <Group gap={6} mih={20} role="status" wrap="nowrap">
      {icon}
      <Text size="xs" c="dimmed">
        {text}
      </Text>
    </Group>
  );
}
