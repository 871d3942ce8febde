import { Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from '@mantine/spotlight';
import {
  IconDatabase,
  IconMoon,
  IconPlayerPlay,
  IconSearch,
  IconStack2,
  IconChartLine,
  IconSun,
  IconSunMoon,
  IconTablePlus,
  IconFolderOpen,
  type Icon,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { api } from '../api/client.ts';
import { useRuns } from '../api/use-runs.ts';
import { routes } from '../lib/routes.ts';
import { PAGES } from './navigation.tsx';
import { useColourScheme } from './use-colour-scheme.ts';
import { useOpenActions } from './use-open-actions.ts';

const MOST = 8;
const SCHEMES = [
  ['light', IconSun],
  ['dark', IconMoon],
  ['auto', IconSunMoon],
] as const;

/** Everything by name, at mod+K. */
export function CommandPalette() {
  const { t } = useTranslation();
  const groups = useGroups();
  return (
    <Spotlight
      actions={[...groups]}
      shortcut={['mod + K', 'mod + P']}
      nothingFound={t('palette.nothing')}
      highlightQuery
      scrollable
      maxHeight={440}
      limit={30}
      // From the top: centred, it would jump with each letter that leaves fewer results.
      centered={false}
      yOffset="12dvh"
      // A dialog needs a name; this one shows its search field instead of a head.
      title={t('commandPalette')}
      classNames={{ header: 'visually-hidden' } as never}
      searchProps={{
        leftSection: <IconSearch size={16} aria-hidden />,
        placeholder: t('palette.placeholder'),
        'aria-label': t('palette.placeholder'),
      }}
    />
  );
}

function useGroups(): readonly SpotlightActionGroupData[] {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const { runs } = useRuns();
  const datasets = useQuery(api.datasets.list.queryOptions());
  const models = useQuery(api.models.list.queryOptions());
  const { choose } = useColourScheme();
  const open = useOpenActions();
  const action = (id: string, label: string, Sign: Icon, onClick: () => void): SpotlightActionData => ({
    id,
    label,
    onClick,
    leftSection: <Sign size={16} stroke={1.6} aria-hidden />,
  });
  const to = (id: string, label: string, path: string, Sign: Icon) => action(id, label, Sign, () => go(path));
  const groups = [
    { group: open.title, actions: open.actions.map(({ id, label, icon, run }) => action(`open:${id}`, label, icon, run)) },
    { group: t('palette.pages'), actions: PAGES.map(({ name, path, icon }) => to(`page:${name}`, t(`nav.${name}`), path, icon as Icon)) },
    {
      group: t('palette.commands'),
      actions: [
        to('command:import', t('palette.importDataset'), routes.datasets(), IconTablePlus),
        to('command:open', t('palette.openModel'), routes.models(), IconFolderOpen),
        to('command:start', t('palette.startRun'), routes.train(), IconPlayerPlay),
        ...SCHEMES.map(([scheme, sign]) => action(`scheme:${scheme}`, t(`palette.${scheme}`), sign, () => choose(scheme))),
      ],
    },
    { group: t('palette.runs'), actions: (runs ?? []).slice(0, MOST).map(({ id, name }) => to(`run:${id}`, name, routes.run(id), IconChartLine)) },
    {
      group: t('palette.datasets'),
      actions: (datasets.data ?? []).slice(0, MOST).map(({ id, name }) => to(`dataset:${id}`, name, routes.dataset(id), IconDatabase)),
    },
    {
      group: t('palette.models'),
      actions: (models.data ?? [])
        .slice(0, MOST)
        .map(({ id, name }) => to(`model:${id}`, t('palette.trainModel', { name }), routes.train({ model: id }), IconStack2)),
    },
  ];
  return groups.filter(({ actions }) => actions.length > 0);
}
