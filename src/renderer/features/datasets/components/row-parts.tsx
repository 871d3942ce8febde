import { Text } from '@mantine/core';
import type { CanonicalRow } from '../../../../shared/domain/dataset.ts';
import { partsOf } from '../view-model.ts';
import classes from './datasets.module.css';

const LEARNED: ReadonlySet<string> = new Set(['assistant', 'completion', 'text']);

/** A row as bubbles: what is asked on the left, what is to be learned on the right. */
export function RowParts({ row }: { readonly row: CanonicalRow }) {
  return (
    <div className={classes['bubbles']}>
      {partsOf(row).map(({ role, text }, i) => (
        // Parts have no name of their own and never move.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={i} className={classes['bubble']} data-learned={LEARNED.has(role)}>
          <Text size="xs" c="dimmed">
            {role}
          </Text>
          <Text className={classes['bubbleText']!}>{text}</Text>
        </div>
      ))}
    </div>
  );
}
