import { Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from '@mantine/spotlight';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { api } from '../api/client.ts';
import { useRuns } from '../api/use-runs.ts';
import { routes } from '../lib/routes.ts';
import { PAGES } from './navigation.tsx';
import { useColourScheme } from './use-colour-scheme.ts';

const MOST = 8;

/** Everything by name, at mod+K. */
export function CommandPalette() {
  const { t } = useTranslation();
  const groups = useGroups();
  return (
    <Spotlight actions={[...groups]} shortcut={['mod + K', 'mod + P']} nothingFound={t('palette.nothing')} highlightQuery scrollable maxHeight={440} limit={30}
      // A dialog needs a name; this one shows its search field instead of a head.
      title={t('commandPalette')} classNames={{ header: 'visually-hidden' } as never}
      searchProps={{ leftSection: <IconSearch size={16} aria-hidden />, placeholder: t('palette.placeholder'), 'aria-label': t('palette.placeholder') }} />
  );
}

function useGroups(): readonly SpotlightActionGroupData[] {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const { runs } = useRuns();
  const datasets = useQuery(api.datasets.list.queryOptions());
  const models = useQuery(api.models.list.queryOptions());
  const { choose } = useColourScheme();
  const to = (id: string, label: string, path: string): SpotlightActionData => ({ id, label, onClick: () => go(path) });
  const groups = [
    { group: t('palette.pages'), actions: PAGES.map(({ name, path }) => to(`page:${name}`, t(`nav.${name}`), path)) },
    {
      group: t('palette.commands'),
      actions: [
        to('command:import', t('palette.importDataset'), routes.datasets()),
        to('command:open', t('palette.openModel'), routes.models()),
        to('command:start', t('palette.startRun'), routes.train()),
        ...(['light', 'dark', 'auto'] as const).map((scheme) => ({ id: `scheme:${scheme}`, label: t(`palette.${scheme}`), onClick: () => choose(scheme) })),
      ],
    },
    { group: t('palette.runs'), actions: (runs ?? []).slice(0, MOST).map(({ id, name }) => to(`run:${id}`, name, routes.run(id))) },
    { group: t('palette.datasets'), actions: (datasets.data ?? []).slice(0, MOST).map(({ id, name }) => to(`dataset:${id}`, name, routes.dataset(id))) },
    { group: t('palette.models'), actions: (models.data ?? []).slice(0, MOST).map(({ id, name }) => to(`model:${id}`, name, routes.train({ model: id }))) },
  ];
  return groups.filter(({ actions }) => actions.length > 0);
}
