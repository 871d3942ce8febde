import { Badge } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { RunStatus } from '../../../shared/domain/run.ts';
import { type ColourToken, token } from '../../theme/tokens.ts';

const TONES: Readonly<Record<RunStatus['kind'], readonly [ink: ColourToken, ground: ColourToken]>> = {
  queued: ['idle', 'idle-soft'],
  preparing: ['running', 'running-soft'],
  running: ['running', 'running-soft'],
  stopping: ['warning', 'warning-soft'],
  stopped: ['warning', 'warning-soft'],
  completed: ['good', 'good-soft'],
  failed: ['bad', 'bad-soft'],
  interrupted: ['warning', 'warning-soft'],
};

/** Where a run stands, in a word or two. */
export function RunStatusBadge({ status }: { readonly status: RunStatus }) {
  const { t } = useTranslation();
  const [ink, ground] = TONES[status.kind];
  const words = status.kind === 'interrupted' ? t('status.interrupted', { step: status.step }) : t(`status.${status.kind}`);
  return (
    <Badge
      styles={{
        root: { background: token(ground), color: token(ink), flexShrink: 0, maxWidth: 'none', overflow: 'visible' },
        label: { overflow: 'visible' },
      }}
    >
      {words}
    </Badge>
  );
}
