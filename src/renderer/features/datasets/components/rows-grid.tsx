/**
 * @file A table of rows of any number: only what is seen is asked for and drawn. Browsers cap the height of an element at some ten
 * million pixels, so a very long table scrolls a shorter track: a pixel of it then stands for several, and the wheel is
 * translated back so that a turn of it still moves by a few rows.
 */
import { Checkbox, Skeleton, Text } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DatasetRow } from '../../../../shared/domain/dataset-record.ts';
import { formatCount } from '../../../lib/format.ts';
import { PAGE_ROWS, pageOptions } from '../queries.ts';
import { cellsOf } from '../view-model.ts';
import classes from './rows-grid.module.css';
import { scrollTopFor, trackHeight, virtualTopOf } from './scroll-track.ts';

export interface RowsGridProps {
  readonly datasetId: string;
  readonly total: number;
  readonly active: number;
  /** A row to bring into view; a new object asks again. */
  readonly jump: { readonly position: number } | null;
  readonly onActive: (position: number) => void;
  readonly selected: ReadonlySet<number>;
  readonly onToggle: (row: DatasetRow) => void;
  readonly onOpen: (row: DatasetRow) => void;
  readonly onDelete: () => void;
}

const ROW = 36;
const OVERSCAN = 4;

export function RowsGrid({ datasetId, total, active, jump, onActive, selected, onToggle, onOpen, onDelete }: RowsGridProps) {
  const { t } = useTranslation('datasets');
  const scroller = useRef<HTMLDivElement>(null);
  const [{ top, height }, setView] = useState({ top: 0, height: 600 });
  const visible = Math.ceil(height / ROW);
  const virtualTop = virtualTopOf(top, height, total, ROW);
  const first = Math.floor(virtualTop / ROW);
  const rows = useRows(datasetId, Math.max(0, first - OVERSCAN), Math.min(total, first + visible + OVERSCAN));

  useEffect(() => {
    const element = scroller.current!;
    const measure = () => setView({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    // On a shortened track the browser's own step would jump over thousands of rows.
    const onWheel = (event: WheelEvent) => {
      const scale = trackHeight(total, ROW) / (total * ROW);
      if (scale >= 1 || event.deltaY === 0 || event.ctrlKey) return;
      event.preventDefault();
      element.scrollTop += event.deltaY * scale;
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => {
      observer.disconnect();
      element.removeEventListener('wheel', onWheel);
    };
  }, [total]);

  useEffect(() => {
    if (jump !== null) scroller.current!.scrollTop = scrollTopFor(jump.position, scroller.current!.clientHeight, total, ROW);
  }, [jump, total]);

  const moveTo = (position: number) => {
    const next = Math.max(0, Math.min(total - 1, position));
    onActive(next);
    const element = scroller.current!;
    if (next < first + 1 || next >= first + visible - 2) element.scrollTop = scrollTopFor(Math.max(0, next - Math.floor(visible / 2)), height, total, ROW);
  };
  const rowAt = (position: number) => rows.get(position);
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Readonly<Record<string, number>> = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + visible - 2, PageUp: active - visible + 2, Home: 0, End: total - 1 };
    const target = moves[event.key];
    const row = rowAt(active);
    if (target !== undefined) moveTo(target);
    else if (event.key === 'Enter' && row) onOpen(row);
    else if (event.key === ' ' && row) onToggle(row);
    else if (event.key === 'Delete') onDelete();
    else return;
    event.preventDefault();
  };
  const [from, to] = [Math.max(0, first - OVERSCAN), Math.min(total, first + visible + OVERSCAN)];
  return (
    <div className={classes['frame']} role="grid" aria-label={t('rows.label')} aria-rowcount={total + 1} aria-multiselectable tabIndex={0} aria-activedescendant={`row-${active}`} onKeyDown={onKeyDown}>
      <div role="row" className={classes['head']} aria-rowindex={1}>
        <span role="columnheader" aria-label={t('rows.selected')} /><span role="columnheader">{t('rows.number')}</span><span role="columnheader">{t('rows.asked')}</span><span role="columnheader">{t('rows.learned')}</span>
      </div>
      <div ref={scroller} className={classes['scroller']} role="presentation" onScroll={({ currentTarget }) => setView({ top: currentTarget.scrollTop, height: currentTarget.clientHeight })}>
        <div style={{ height: trackHeight(total, ROW), position: 'relative' }} role="presentation">
          {Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i).map((position) => (
            <GridRow key={position} position={position} row={rowAt(position)} top={top + position * ROW - virtualTop} isActive={position === active} isSelected={selected.has(rowAt(position)?.key ?? -1)}
              onClick={() => onActive(position)} onToggle={onToggle} onOpen={onOpen} />
          ))}
        </div>
      </div>
    </div>
  );
}

interface GridRowProps {
  readonly position: number;
  readonly row: DatasetRow | undefined;
  readonly top: number;
  readonly isActive: boolean;
  readonly isSelected: boolean;
  readonly onClick: () => void;
  readonly onToggle: (row: DatasetRow) => void;
  readonly onOpen: (row: DatasetRow) => void;
}

function GridRow({ position, row, top, isActive, isSelected, onClick, onToggle, onOpen }: GridRowProps) {
  const { t } = useTranslation('datasets');
  const [asked, learned] = row === undefined ? ['', ''] : cellsOf(row.row);
  return (
    <div id={`row-${position}`} role="row" aria-rowindex={position + 2} aria-selected={isSelected} data-active={isActive} data-change={row?.change} className={classes['row']} style={{ transform: `translateY(${top}px)` }}
      onClick={onClick} onDoubleClick={() => row && onOpen(row)}>
      <span role="gridcell"><Checkbox aria-label={t('rows.select', { row: position + 1 })} checked={isSelected} tabIndex={-1} onChange={() => row && onToggle(row)} /></span>
      <span role="gridcell" className="numeric"><Text size="xs" c="dimmed" span>{formatCount(position + 1)}</Text>{row !== undefined && row.change !== 'none' && <span className={classes['mark']} title={t(`rows.${row.change}`)} />}</span>
      <span role="gridcell" className={classes['cell']}>{row === undefined ? <Skeleton h={10} w="70%" /> : asked}</span>
      <span role="gridcell" className={classes['cell']}>{row === undefined ? <Skeleton h={10} w="80%" /> : learned}</span>
    </div>
  );
}

/** The rows from `from` to before `to`, by position, as far as they have come; the pages beside them are asked for too. */
function useRows(datasetId: string, from: number, to: number): ReadonlyMap<number, DatasetRow> {
  const [firstPage, lastPage] = [Math.floor(from / PAGE_ROWS), Math.floor(Math.max(from, to - 1) / PAGE_ROWS)];
  const pages = Array.from({ length: lastPage - firstPage + 1 }, (_, i) => firstPage + i);
  const answers = useQueries({ queries: pages.map((page) => pageOptions(datasetId, page)) });
  return new Map(answers.flatMap(({ data }) => data?.rows.map((row) => [row.position, row] as const) ?? []));
}
