import { useTranslation } from 'react-i18next';
import type { ColumnName } from '../columns.ts';

/** A column's title in the page's language; the recorded one where the run is gone. */
export function useColumnTitle(): (name: ColumnName | null, recorded: string | null) => string {
  const { t } = useTranslation('compare');
  return (name, recorded) => {
    if (name === null) return recorded ?? t('columns.gone');
    return name.kind === 'base' ? t('columns.base') : t('columns.title', { run: name.run, step: name.step });
  };
}
