import { SimpleGrid, Text } from '@mantine/core';
import { IconBolt, IconBox, IconTablePlus } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { routes } from '../../../lib/routes.ts';
import classes from './home.module.css';

/** The three things that everything else begins with. */
export function QuickActions() {
  const { t } = useTranslation('home');
  return (
    <nav aria-label={t('actions.title')}>
      <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="lg">
        <Action href={routes.datasets()} icon={<IconTablePlus aria-hidden />} title={t('actions.dataset.title')} text={t('actions.dataset.text')} />
        <Action href={routes.models()} icon={<IconBox aria-hidden />} title={t('actions.model.title')} text={t('actions.model.text')} />
        <Action href={routes.train()} icon={<IconBolt aria-hidden />} title={t('actions.train.title')} text={t('actions.train.text')} />
      </SimpleGrid>
    </nav>
  );
}

function Action({ href, icon, title, text }: { readonly href: string; readonly icon: ReactNode; readonly title: string; readonly text: string }) {
  return (
    <Link href={href} className={classes['action']}>
      <span className={classes['icon']}>{icon}</span>
      <span>
        <Text fw={600} component="span" display="block">
          {title}
        </Text>
        <Text c="dimmed" component="span" display="block">
          {text}
        </Text>
      </span>
    </Link>
  );
}
