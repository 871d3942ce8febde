import { ActionIcon, Button, Group, Menu, Switch, Text, useComputedColorScheme } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatCount, formatNumber } from '../../lib/format.ts';
import { saveCsv, savePicture } from './chart-export.ts';
import { ChartTable } from './chart-table.tsx';
import type { LineChartProps } from './chart-props.ts';
import classes from './line-chart.module.css';
import { PlotZoom } from './plot-zoom.ts';
import { Plot, type PlotHandle } from './plot.tsx';

/** Curves over a common x axis: values at the crosshair, drag to zoom, double-click to see all, or the same as a table. */
export function LineChart(props: LineChartProps) {
  const { label, series, formatY = formatNumber } = props;
  const { t } = useTranslation();
  const scheme = useComputedColorScheme('light');
  const [asTable, setAsTable] = useState(false);
  const [zoomed, setZoomed] = useState(false);
  // Outlives the plot, which is made anew when colours or scale change.
  const [zoom] = useState(() => new PlotZoom(setZoomed));
  const plot = useRef<PlotHandle>(null);
  const main = series.at(-1);
  // A series may have gaps, at its end too.
  const at = main?.y.findLastIndex((value) => value !== null) ?? -1;
  const summary =
    main === undefined || at === -1
      ? t('chart.empty', { label })
      : t('chart.summary', { label, series: main.label, value: formatY(main.y[at]!), x: formatCount(main.x[at]!), axis: props.xLabel });
  return (
    <section className={classes['chart']} aria-label={label}>
      <Group justify="space-between" gap="xs" mb={4}>
        <Text fw={600} size="sm">
          {label}
        </Text>
        <Group gap="xs" wrap="nowrap">
          {zoomed && !asTable && (
            <Button size="compact-xs" variant="default" onClick={() => plot.current?.showAll()}>
              {t('chart.showAll')}
            </Button>
          )}
          <Switch label={t('chart.asTable')} checked={asTable} onChange={(event) => setAsTable(event.currentTarget.checked)} />
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon aria-label={t('chart.save', { label })}>
                <IconDownload size={14} aria-hidden />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {!asTable && <Menu.Item onClick={() => savePicture(plot.current?.canvas() ?? null, label)}>{t('chart.picture')}</Menu.Item>}
              <Menu.Item onClick={() => saveCsv(props)}>{t('chart.csv')}</Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </Group>
      </Group>
      {asTable ? (
        <ChartTable {...props} formatY={formatY} />
      ) : (
        // Colours are read when the plot is made.
        <Plot key={scheme} ref={plot} {...props} formatY={formatY} summary={summary} zoom={zoom} />
      )}
    </section>
  );
}
