import { NavLink, Text, Tooltip } from '@mantine/core';
import {
  IconArrowsDiff,
  IconChartLine,
  IconDatabase,
  IconEye,
  IconHome,
  IconPlayerPlay,
  IconSearch,
  IconSettings,
  IconStack2,
} from '@tabler/icons-react';
import { spotlight } from '@mantine/spotlight';
import type { ComponentType } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import { routes } from '../lib/routes.ts';
import { ActiveRun } from './active-run.tsx';
import classes from './shell.module.css';

type PageName = 'home' | 'models' | 'datasets' | 'inspector' | 'train' | 'runs' | 'compare' | 'settings';

const IS_MAC = /mac/i.test(navigator.userAgent);

/** In the order of the work. */
export const PAGES: readonly {
  readonly name: PageName;
  readonly path: string;
  readonly icon: ComponentType<{ readonly size?: number; readonly stroke?: number }>;
}[] = [
  { name: 'home', path: routes.home(), icon: IconHome },
  { name: 'models', path: routes.models(), icon: IconStack2 },
  { name: 'datasets', path: routes.datasets(), icon: IconDatabase },
  { name: 'inspector', path: routes.inspector(), icon: IconEye },
  { name: 'train', path: routes.train(), icon: IconPlayerPlay },
  { name: 'runs', path: routes.runs(), icon: IconChartLine },
  { name: 'compare', path: routes.compare(), icon: IconArrowsDiff },
  { name: 'settings', path: routes.settings(), icon: IconSettings },
];

/** The way to every screen, the palette, and what is training now. */
export function Navigation() {
  const { t } = useTranslation();
  const [location] = useLocation();
  const isCurrent = (path: string) => (path === '/' ? location === '/' : location.startsWith(path));
  const link = ({ name, path, icon: Icon }: (typeof PAGES)[number]) => (
    <Tooltip
      key={name}
      label={t(`nav.${name}`)}
      position="right"
      events={{ hover: true, focus: true, touch: false }}
      classNames={{ tooltip: classes['narrowOnly']! }}
    >
      <NavLink
        component={Link}
        href={path}
        active={isCurrent(path)}
        aria-label={t(`nav.${name}`)}
        {...(isCurrent(path) ? { 'aria-current': 'page' as const } : {})}
        label={<span className={classes['word']}>{t(`nav.${name}`)}</span>}
        leftSection={<Icon size={18} stroke={1.6} />}
        className={classes['link']!}
      />
    </Tooltip>
  );
  return (
    <nav className={classes['nav']} aria-label={t('mainNavigation')}>
      <div className={classes['brand']}>
        <img src="./icon.svg" width={22} height={22} alt="" />
        <Text fw={650} size="md" className={classes['word']}>
          {t('product')}
        </Text>
      </div>
      <button
        type="button"
        className={classes['search']}
        onClick={spotlight.open}
        aria-label={t('commandPalette')}
        aria-keyshortcuts="Control+K Meta+K"
      >
        <IconSearch size={15} aria-hidden />
        <span className={classes['word']}>{t('search')}</span>
        <span className={`${classes['word']} ${classes['keys']}`} data-keys={IS_MAC ? '⌘ K' : 'Ctrl K'} />
      </button>
      {PAGES.filter(({ name }) => name !== 'settings').map(link)}
      <div className={classes['gap']} />
      <ActiveRun />
      {PAGES.filter(({ name }) => name === 'settings').map(link)}
    </nav>
  );
}
