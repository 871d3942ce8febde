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
import { PAGE_ROWS, type pageOptions, type versionPageOptions } from '../queries.ts';
import { cellsOf, type RowCells } from '../view-model.ts';
import classes from './rows-grid.module.css';
import { scrollTopFor, trackHeight, virtualTopOf } from './scroll-track.ts';

type PageOf = (page: number) => ReturnType<typeof pageOptions> | ReturnType<typeof versionPageOptions>;

export interface RowsGridProps {
  /** How a page of rows is asked for: of the working copy, or of a version. */
  readonly pageOf: PageOf;
  readonly label: string;
  readonly total: number;
  readonly active: number;
  /** A row to bring into view; a new object asks again. */
  readonly jump: { readonly position: number } | null;
  readonly onActive: (position: number) => void;
  /** Absent where rows can only be read. */
  readonly choice?: { readonly selected: ReadonlySet<number>; readonly onToggle: (row: DatasetRow) => void; readonly onDelete: () => void };
  readonly onOpen: (row: DatasetRow) => void;
}

const ROW = 36;
const OVERSCAN = 4;

export function RowsGrid({ pageOf, label, total, active, jump, onActive, choice, onOpen }: RowsGridProps) {
  const { t } = useTranslation('datasets');
  const scroller = useRef<HTMLDivElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const [{ top, height }, setView] = useState({ top: 0, height: 600 });
  const visible = Math.ceil(height / ROW);
  const virtualTop = virtualTopOf(top, height, total, ROW);
  const first = Math.floor(virtualTop / ROW);
  const rows = useRows(pageOf, Math.max(0, first - OVERSCAN), Math.min(total, first + visible + OVERSCAN));

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
    if (jump === null) return;
    scroller.current!.scrollTop = scrollTopFor(jump.position, scroller.current!.clientHeight, total, ROW);
    // Whoever asked for a row goes on with its keys.
    frame.current!.focus();
  }, [jump, total]);

  const moveTo = (position: number) => {
    const next = Math.max(0, Math.min(total - 1, position));
    onActive(next);
    const element = scroller.current!;
    if (next < first + 1 || next >= first + visible - 2)
      element.scrollTop = scrollTopFor(Math.max(0, next - Math.floor(visible / 2)), height, total, ROW);
  };
  const rowAt = (position: number) => rows.get(position);
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + visible - 2,
      PageUp: active - visible + 2,
      Home: 0,
      End: total - 1,
    };
    const target = moves[event.key];
    const row = rowAt(active);
    if (target !== undefined) moveTo(target);
    else if (event.key === 'Enter' && row) onOpen(row);
    else if (event.key === ' ' && row && choice) choice.onToggle(row);
    else if (event.key === 'Delete' && choice) choice.onDelete();
    else return;
    event.preventDefault();
  };
  const [from, to] = [Math.max(0, first - OVERSCAN), Math.min(total, first + visible + OVERSCAN)];
  return (
    <div
      ref={frame}
      className={classes['frame']}
      role="grid"
      aria-label={label}
      aria-rowcount={total + 1}
      aria-multiselectable={choice !== undefined}
      tabIndex={0}
      aria-activedescendant={`row-${active}`}
      onKeyDown={onKeyDown}
    >
      <div role="row" className={classes['head']} aria-rowindex={1}>
        <span role="columnheader" aria-label={t('rows.selected')} />
        <span role="columnheader">{t('rows.number')}</span>
        <span role="columnheader" title={t('rows.sourceHelp')}>
          {t('rows.source')}
        </span>
        <span role="columnheader">{t('rows.asked')}</span>
        <span role="columnheader">{t('rows.learned')}</span>
      </div>
      <div
        ref={scroller}
        className={classes['scroller']}
        role="presentation"
        onScroll={({ currentTarget }) => setView({ top: currentTarget.scrollTop, height: currentTarget.clientHeight })}
      >
        <div style={{ height: trackHeight(total, ROW), position: 'relative' }} role="presentation">
          {Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i).map((position) => (
            <GridRow
              key={position}
              position={position}
              row={rowAt(position)}
              top={top + position * ROW - virtualTop}
              isActive={position === active}
              isSelected={choice?.selected.has(rowAt(position)?.key ?? -1) ?? false}
              onClick={() => onActive(position)}
              onToggle={choice?.onToggle}
              onOpen={onOpen}
            />
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
  readonly onToggle: ((row: DatasetRow) => void) | undefined;
  readonly onOpen: (row: DatasetRow) => void;
}

function GridRow({ position, row, top, isActive, isSelected, onClick, onToggle, onOpen }: GridRowProps) {
  const { t } = useTranslation('datasets');
  const cells = row === undefined ? null : cellsOf(row.row);
  return (
    <div
      id={`row-${position}`}
      role="row"
      aria-rowindex={position + 2}
      aria-selected={isSelected}
      data-active={isActive}
      data-change={row?.change}
      className={classes['row']}
      style={{ transform: `translateY(${top}px)` }}
      onClick={onClick}
      onDoubleClick={() => row && onOpen(row)}
    >
      <span role="gridcell">
        {onToggle !== undefined && (
          <Checkbox aria-label={t('rows.select', { row: position + 1 })} checked={isSelected} tabIndex={-1} onChange={() => row && onToggle(row)} />
        )}
      </span>
      <span role="gridcell" className="numeric">
        <Text size="xs" c="dimmed" span>
          {formatCount(position + 1)}
        </Text>
        {row !== undefined && row.change !== 'none' && <span className={classes['mark']} title={t(`rows.${row.change}`)} />}
      </span>
      <span role="gridcell" className="numeric">
        <Text size="xs" c="dimmed" span>
          {row === undefined || row.change === 'added' ? '' : formatCount(row.row.source)}
        </Text>
      </span>
      {cells === null ? (
        <>
          <span role="gridcell" className={classes['cell']}>
            <Skeleton h={10} w="70%" />
          </span>
          <span role="gridcell" className={classes['cell']}>
            <Skeleton h={10} w="80%" />
          </span>
        </>
      ) : (
        <Cells cells={cells} />
      )}
    </div>
  );
}

function Cells({ cells: { asked, learned, system, earlierTurns } }: { readonly cells: RowCells }) {
  const { t } = useTranslation('datasets');
  if (asked === '' && system === null)
    return (
      <span role="gridcell" className={classes['wide']} lang="">
        {learned}
      </span>
    );
  return (
    <>
      <span role="gridcell" className={classes['cell']} lang="">
        {system !== null && (
          <span className={classes['chip']} title={system}>
            {t('rows.system')}
          </span>
        )}
        {earlierTurns > 0 && <span className={classes['chip']}>{t('rows.earlier', { count: earlierTurns })}</span>}
        {asked}
      </span>
      <span role="gridcell" className={classes['cell']} lang="">
        {learned}
      </span>
    </>
  );
}

/** The rows from `from` to before `to`, by position, as far as they have come; the pages beside them are asked for too. */
function useRows(pageOf: PageOf, from: number, to: number): ReadonlyMap<number, DatasetRow> {
  const [firstPage, lastPage] = [Math.floor(from / PAGE_ROWS), Math.floor(Math.max(from, to - 1) / PAGE_ROWS)];
  const pages = Array.from({ length: lastPage - firstPage + 1 }, (_, i) => firstPage + i);
  const answers = useQueries({ queries: pages.map((page) => pageOf(page)) });
  return new Map(answers.flatMap(({ data }) => data?.rows.map((row) => [row.position, row] as const) ?? []));
}
