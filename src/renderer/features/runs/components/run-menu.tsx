import { ActionIcon, Menu } from '@mantine/core';
import { IconArrowsDiff, IconDots, IconPencil, IconPlayerPlay, IconPlayerStop, IconRepeat, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import type { RunSummary } from '../../../../shared/domain/run-record.ts';
import { openRename } from '../../../components/rename/open-rename.tsx';
import { routes } from '../../../lib/routes.ts';
import { useRunActions } from '../queries.ts';
import { canResume, canStop } from '../view-model.ts';
import { askToRemove } from './ask-to-remove.ts';

/** What can be done with a run, in the list and on its page. */
export function RunMenu({ run }: { readonly run: RunSummary }) {
  const { t } = useTranslation('runs');
  const [, go] = useLocation();
  const { stop, resume, rename, remove } = useRunActions();
  const onRename = () => openRename(t('actions.rename'), run.name, (name) => rename.mutate({ id: run.id, name }));
  const onRemove = () => void askToRemove(run, t, () => remove.mutate(run.id));
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={t('actions.more', { name: run.name })}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {canStop(run) && (
          <Menu.Item leftSection={<IconPlayerStop size={14} />} onClick={() => stop.mutate(run.id)}>
            {run.status.kind === 'stopping' ? t('actions.stopNow') : t('actions.stop')}
          </Menu.Item>
        )}
        {canResume(run) && (
          <Menu.Item leftSection={<IconPlayerPlay size={14} />} onClick={() => resume.mutate(run.id)}>
            {t('actions.resume')}
          </Menu.Item>
        )}
        {run.model.id !== null && (
          <Menu.Item leftSection={<IconArrowsDiff size={14} />} onClick={() => go(routes.compare({ model: run.model.id, runs: run.id }))}>
            {t('actions.compare')}
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={<IconRepeat size={14} />}
          onClick={() => go(routes.train({ model: run.model.id, dataset: run.dataset.id, from: run.id }))}
        >
          {t('actions.again')}
        </Menu.Item>
        <Menu.Item leftSection={<IconPencil size={14} />} onClick={onRename}>
          {t('actions.rename')}
        </Menu.Item>
        <Menu.Item leftSection={<IconTrash size={14} />} color="red" disabled={canStop(run)} onClick={onRemove}>
          {t('actions.remove')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
