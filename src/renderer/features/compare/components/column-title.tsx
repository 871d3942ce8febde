import { useTranslation } from 'react-i18next';
import type { ColumnName } from '../columns.ts';
import classes from './bench.module.css';

/** Who answers. A long name of a run is cut; its step is what tells two columns apart, and never is. */
export function ColumnTitle({ name, full }: { readonly name: ColumnName | null; readonly full: string }) {
  const { t } = useTranslation('compare');
  if (name === null || name.kind === 'base')
    return (
      <span className={classes['run']} title={full}>
        {full}
      </span>
    );
  return (
    <>
      <span className={classes['run']} title={full} lang="" dir="auto">
        {name.run}
      </span>{' '}
      <span className={classes['step']}>{t('columns.step', { step: name.step })}</span>
    </>
  );
}
