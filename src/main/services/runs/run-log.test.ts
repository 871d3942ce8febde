import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { smallDisk } from '../../../../test/support/small-disk.ts';
import { testFolder } from '../../../../test/support/test-folder.ts';
import { RunLog } from './run-log.ts';

it.skipIf(process.getuid?.() !== 0 /* mounting a small disk needs root */)(
  'keeps its lines while the disk is full, and writes each of them whole and once when there is room',
  async () => {
    const disk = smallDisk(await testFolder(), 1)!;
    const dir = join(disk.folder, 'run');
    await mkdir(dir);
    const heard: string[] = [];
    const log = await RunLog.open(dir, {
      onFailure: () => heard.push('failure'),
      onFull: ({ code }) => heard.push(code),
      onRoom: () => heard.push('room'),
    });
    const say = (n: number) => log.append({ kind: 'log', level: 'info', message: `${n} ${'x'.repeat(3000)}` });
    say(0);
    await delay(50);
    disk.fill();
    for (let n = 1; n < 40; n++) say(n);
    await delay(1200);
    expect(heard).toEqual(['DISK-FULL']);
    disk.free();
    say(40);
    await log.close();
    expect(heard).toEqual(['DISK-FULL', 'room']);
    const lines = (await readFile(join(dir, 'events.jsonl'), 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly message: string });
    expect(lines.map(({ message }) => Number.parseInt(message, 10))).toEqual(Array.from({ length: 41 }, (_, n) => n));
  },
);
