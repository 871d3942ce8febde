import { useState } from 'react';
import type { NumberKind } from '../../../shared/lib/read-number.ts';
import { NumberField, shownOf } from '../number-field/number-field.tsx';

export interface RowNumberProps {
  readonly label: string;
  readonly placeholder?: string;
  readonly w: number;
  readonly total: number;
  /** 0-based; null where the field says nothing by itself. */
  readonly position: number | null;
  readonly onMove: (position: number) => void;
}

const ROW: NumberKind = { integer: true, names: ['row', '#'] };

/** Goes to a row by its number in the dataset: with Enter, or on leaving the field. */
export function RowNumber({ label, placeholder, w, total, position, onMove }: RowNumberProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const value = typed ?? (position === null ? null : position + 1);
  return (
    <NumberField
      aria-label={label}
      {...(placeholder === undefined ? {} : { placeholder })}
      w={w}
      min={1}
      max={total}
      kind={ROW}
      value={value}
      onChange={(next) => setTyped(shownOf(next))}
      onCommit={(row, by) => {
        if (row === null) setTyped(null);
        else if (position !== null || by === 'enter') {
          // A field that shows where one stands shows it again; one that only asks keeps what was asked.
          if (position !== null) setTyped(null);
          onMove(row - 1);
        }
      }}
    />
  );
}
