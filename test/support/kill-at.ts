/**
 * @file Loaded into an engine process before all else (`--import`), it ends that process by SIGKILL at a moment told in KILL_AT:
 * `OPERATION PATTERN` right before the first such file-system call whose path matches (`OPERATION PATTERN N`: the N-th), or
 * `metrics STEP` when that step is to be reported. From outside, moments of a few milliseconds can only be hit by luck.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

type Call = (...parameters: readonly unknown[]) => unknown;

const [operation = '', target = '', nth = '1'] = (process.env['KILL_AT'] ?? '').split(' ');

function dieBefore(owner: Record<string, Call>, name: string, applies: (...parameters: readonly unknown[]) => boolean): void {
  const original = owner[name]!;
  owner[name] = (...parameters) => {
    if (applies(...parameters)) process.kill(process.pid, 'SIGKILL');
    return original.apply(owner, [...parameters]);
  };
}

if (operation === 'metrics') {
  dieBefore(process as unknown as Record<string, Call>, 'send', (event) => {
    const { kind, steps } = event as { readonly kind: string; readonly steps?: readonly { readonly step: number }[] };
    return kind === 'metrics' && steps!.some(({ step }) => step >= Number(target));
  });
} else if (operation !== '') {
  const pattern = new RegExp(target);
  let left = Number(nth);
  dieBefore(fs.promises as unknown as Record<string, Call>, operation, (path) => pattern.test(String(path)) && --left === 0);
  syncBuiltinESMExports();
}
