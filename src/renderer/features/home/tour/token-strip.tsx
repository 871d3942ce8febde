import { Group, Text } from '@mantine/core';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import type { TokenView } from '../../../../shared/domain/inspection.ts';
import classes from './tour.module.css';

/** A row's tokens one after the other: underlined and green where they are learned, grey where they are only read. */
export function TokenStrip({ tokens }: { readonly tokens: readonly TokenView[] }) {
  const { t } = useTranslation('home');
  const trained = tokens.filter((token) => token.trained).length;
  return (
    <div>
      <div className={classes['strip']}>
        {tokens.map((token, index) => (
          <Fragment key={index}>
            <span className={token.trained ? classes['trained'] : classes['masked']}>{token.text.replaceAll('\n', '↵')}</span>
            {token.text.endsWith('\n') ? <br /> : <wbr />}
          </Fragment>
        ))}
      </div>
      <Group gap="lg" mt="sm">
        <Text size="xs">
          <span className={classes['trained']}>{t('tour.tokens.trained')}</span> {t('tour.tokens.trainedCount', { count: trained })}
        </Text>
        <Text size="xs">
          <span className={classes['masked']}>{t('tour.tokens.masked')}</span> {t('tour.tokens.maskedCount', { count: tokens.length - trained })}
        </Text>
      </Group>
    </div>
  );
}
