import { useTranslation } from 'react-i18next';
import { useConnection } from '../api/connection.ts';
import classes from './shell.module.css';

/** Says that the host cannot be reached, for as long as that is so. */
export function ConnectionBanner() {
  const { t } = useTranslation();
  const { state, refused } = useConnection();
  if (state !== 'lost') return null;
  return <div role="status" className={classes['banner']}>{refused ? t('connection.refused') : t('connection.lost')}</div>;
}
