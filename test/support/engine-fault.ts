/**
 * @file Loaded into an engine process before all else (`--import`), it makes one thing go wrong there, told in ENGINE_FAULT:
 * - `kill OPERATION PATTERN N`: SIGKILL right before the N-th such file-system call whose path matches
 * - `kill metrics STEP`: SIGKILL when that step is to be reported
 * - `full PATTERN`: files opened under a matching path are on a disk without space
 * - `spin KIND FILE`: right before the first event of that kind the engine's number is written to FILE, and its loop never turns again
 * - `bomb KIND FILE`: the same, and it takes ever more memory
 * - `babble`: senseless messages to the host before the first progress report
 * From outside, moments of a few milliseconds can only be hit by luck.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

type Call = (...parameters: readonly unknown[]) => unknown;
type Calls = Record<string, Call>;

const promises = fs.promises as unknown as Calls;
const engine = process as unknown as Calls;

function replace(owner: Calls, name: string, by: (original: Call) => Call): void {
  const original = owner[name]!;
  owner[name] = by((...parameters) => original.apply(owner, [...parameters]));
}

function kindOf(event: unknown): string {
  return (event as { readonly kind: string }).kind;
}

function killAt(operation: string, target: string, nth: string): void {
  const dieIf = (now: boolean) => void (now && process.kill(process.pid, 'SIGKILL'));
  if (operation === 'metrics') {
    replace(engine, 'send', (send) => (event, ...rest) => {
      dieIf(
        kindOf(event) === 'metrics' &&
          (event as { readonly steps: readonly { readonly step: number }[] }).steps.some(({ step }) => step >= Number(target)),
      );
      return send(event, ...rest);
    });
    return;
  }
  const pattern = new RegExp(target);
  let left = Number(nth);
  replace(promises, operation, (call) => (path, ...rest) => {
    dieIf(pattern.test(String(path)) && --left === 0);
    return call(path, ...rest);
  });
}

/** Also inside the replies of an engine that stays. */
function innerKind(event: unknown): string {
  return kindOf(event) === 'reply' ? kindOf((event as { readonly event: unknown }).event) : kindOf(event);
}

function hangAt(kind: string, file: string, round: () => void): void {
  replace(engine, 'send', (send) => (event, ...rest) => {
    if (innerKind(event) !== kind) return send(event, ...rest);
    fs.writeFileSync(file, String(process.pid));
    for (;;) round();
  });
}

const [fault = '', first = '', second = '', third = '1'] = (process.env['ENGINE_FAULT'] ?? '').split(' ');
switch (fault) {
  case 'kill':
    killAt(first, second, third);
    break;
  case 'spin':
    hangAt(first, second, () => undefined);
    break;
  case 'bomb': {
    const kept: Buffer[] = [];
    hangAt(first, second, () => kept.push(Buffer.alloc(16 * 2 ** 20, 1)));
    break;
  }
  case 'full':
    replace(
      promises,
      'open',
      (open) =>
        (path, flags, ...rest) =>
          flags !== 'r' && new RegExp(first).test(String(path)) ? open('/dev/full', 'w') : open(path, flags, ...rest),
    );
    break;
  case 'babble': {
    let said = false;
    replace(engine, 'send', (send) => (event, ...rest) => {
      if (kindOf(event) === 'progress' && !said)
        for (const nonsense of [{ kind: 'metrics', steps: 'many' }, { kind: 'no such kind' }, 'text', 42, null, [[]]])
          if (nonsense !== null) send(nonsense);
      said ||= kindOf(event) === 'progress';
      return send(event, ...rest);
    });
    break;
  }
  default:
}
syncBuiltinESMExports();
