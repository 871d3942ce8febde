/** @file The table at the end. */
import type { BenchRecord, RecordOf } from './records.ts';

const PEAK_TFLOPS = 989;

export function of<K extends BenchRecord['kind']>(records: readonly BenchRecord[], kind: K): readonly RecordOf<K>[] {
  return records.filter((record): record is RecordOf<K> => record.kind === kind);
}

/** The peer measured on the same shape. */
export function peersOf(records: readonly BenchRecord[], { model, batch, length }: RecordOf<'speed'>): readonly RecordOf<'peer'>[] {
  return of(records, 'peer').filter((peer) => peer.model === model && peer.batch === batch && peer.length === length);
}

export function report(records: readonly BenchRecord[]): string {
  const sections = [
    partTable(of(records, 'check')),
    parityTable(of(records, 'parity')),
    speedTable(records),
    decodeTable(of(records, 'decode')),
    checkTable(of(records, 'check')),
  ];
  const device = of(records, 'device').map(({ description, node, date }) => `${description}; Node ${node}; ${date}`);
  return `${[...device, ...sections.filter((text) => text !== '')].join('\n\n')}\n`;
}

function partTable(checks: readonly RecordOf<'check'>[]): string {
  return table(
    ['part', 'outcome'],
    checks.filter(({ section }) => section === 'part').map(({ name, detail }) => [name, detail.slice(0, 300)]),
  );
}

function parityTable(rows: readonly RecordOf<'parity'>[]): string {
  const cells = rows.map((row) => [
    row.case,
    row.precision,
    String(row.steps),
    row.worstLoss.toExponential(1),
    row.worstNorm.toExponential(1),
    row.adapter === null ? '-' : row.adapter.toExponential(1),
    row.bitwise ? 'yes' : 'NO',
    row.seconds.toFixed(1),
  ]);
  return table(['training against PyTorch', 'in', 'steps', 'loss off', 'norm off', 'adapter off', 'rerun bitwise', 's'], cells);
}

function speedTable(records: readonly BenchRecord[]): string {
  const cells = of(records, 'speed').flatMap((row) => {
    const shape = `${row.model} ${row.batch}x${row.length}${row.recompute ? ' recompute' : ''}`;
    const ours = [
      shape,
      `Tunesmith ${row.dtype}`,
      row.stepMs.toFixed(2),
      thousands(row.tokensPerSecond),
      gib(row.peakBytes),
      row.driverBytes === null ? '-' : gib(row.driverBytes),
      `${row.tflops.toFixed(0)} (${((100 * row.tflops) / PEAK_TFLOPS).toFixed(0)} %)`,
      (row.loadSeconds + row.compileSeconds + row.firstStepSeconds).toFixed(1),
      '',
      '',
    ];
    const peers = peersOf(records, row).map((peer) => [
      '',
      peer.peer,
      peer.stepMs.toFixed(2),
      thousands(peer.tokensPerSecond),
      gib(peer.peakBytes),
      '',
      '',
      '',
      `${(row.tokensPerSecond / peer.tokensPerSecond).toFixed(2)}x`,
      `${((100 * row.peakBytes) / peer.peakBytes).toFixed(0)} %`,
    ]);
    return [ours, ...peers];
  });
  return table(['LoRA r=16 step', 'by', 'median ms', 'tok/s', 'peak GiB', 'driver GiB', 'TFLOP/s', 's to step 1', 'we are', 'we hold'], cells);
}

function decodeTable(rows: readonly RecordOf<'decode'>[]): string {
  const cells = rows.map((row) => [row.model, row.columns, String(row.tokens), row.tokensPerSecond.toFixed(1), row.gigabytesPerSecond.toFixed(0)]);
  return table(['greedy decode', 'rows', 'tokens', 'steps/s', 'GB/s of weights'], cells);
}

/** All that failed; what held only as a number. */
function checkTable(rows: readonly RecordOf<'check'>[]): string {
  const failed = rows.filter(({ ok }) => !ok);
  const lines = failed.slice(0, 30).map(({ section, name, detail }) => `FAILED ${section}: ${name}: ${detail.slice(0, 300)}`);
  return [...lines, `${rows.length} checks, ${failed.length} failed`].join('\n');
}

function thousands(value: number): string {
  return `${(value / 1000).toFixed(1)}k`;
}

function gib(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(2);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
