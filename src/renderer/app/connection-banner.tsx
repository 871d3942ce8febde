import { useTranslation } from 'react-i18next';
import { useConnection } from '../api/connection.ts';
import classes from './shell.module.css';

/** Says that the host cannot be reached or does not answer, for as long as that is so. */
export function ConnectionBanner() {
  const { t } = useTranslation();
  const { state, refused, silent } = useConnection();
  if (state !== 'lost' && !silent) return null;
  return (
    <div role="status" className={classes['banner']}>
      {silent ? t('connection.silent') : refused ? t('connection.refused') : t('connection.lost')}
    </div>
  );
}
