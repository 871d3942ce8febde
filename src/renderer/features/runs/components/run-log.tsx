import { Card, CopyButton, Button, Group, SegmentedControl, Text } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LogLine } from '../../../../shared/domain/run-record.ts';
import classes from './run-page.module.css';

/** What was said during the run; follows the end until it is scrolled away from it. */
export function RunLog({ lines }: { readonly lines: readonly LogLine[] }) {
  const { t } = useTranslation('runs');
  const [level, setLevel] = useState<'all' | 'warnings'>('all');
  const scroller = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const shown = level === 'all' ? lines : lines.filter((line) => line.level !== 'info');
  const rows = useVirtualizer({ count: shown.length, getScrollElement: () => scroller.current, estimateSize: () => 22, overscan: 10 });
  useEffect(() => {
    if (follows.current && shown.length > 0) rows.scrollToIndex(shown.length - 1, { align: 'end' });
  }, [shown.length, rows]);
  const onScroll = () => {
    const element = scroller.current!;
    follows.current = element.scrollHeight - element.scrollTop - element.clientHeight < 40;
  };
  return (
    <Card>
      <Group justify="space-between" mb="xs">
        <SegmentedControl
          value={level}
          onChange={(value) => setLevel(value === 'warnings' ? 'warnings' : 'all')}
          aria-label={t('log.filter')}
          data={[
            { value: 'all', label: t('log.all') },
            { value: 'warnings', label: t('log.warnings') },
          ]}
        />
        <CopyButton value={shown.map(({ time, level: kind, message }) => `${time} ${kind} ${message}`).join('\n')}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? t('copied') : t('log.copy')}
            </Button>
          )}
        </CopyButton>
      </Group>
      {shown.length === 0 && <Text c="dimmed">{t('log.empty')}</Text>}
      <div
        ref={scroller}
        onScroll={onScroll}
        className={classes['log']}
        tabIndex={0}
        role="log"
        aria-label={t('tabs.log')}
        hidden={shown.length === 0}
      >
        <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
          {rows.getVirtualItems().map(({ index, start }) => {
            const line = shown[index]!;
            return (
              <div
                key={line.seq}
                ref={rows.measureElement}
                data-index={index}
                data-level={line.level}
                className={classes['line']}
                style={{ transform: `translateY(${start}px)` }}
              >
                <time dateTime={line.time}>{new Date(line.time).toLocaleTimeString()}</time> {line.message}
              </div>
            );
          })}
        </div>
      </div>
    </Card>
  );
}
