/** Files of ours that come from elsewhere, with a data folder: each reader says what is wrong with them. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { testFolder } from '../../../test/support/test-folder.ts';
import { badRowPage } from './bad-row-page.ts';
import { exportedLines } from './exported-lines.ts';
import { compareVersions } from './version-comparison.ts';

const GOOD = `${JSON.stringify({ kind: 'text', source: 1, text: 'a' })}\n`;

const READERS: Readonly<Record<string, (file: string) => Promise<unknown>>> = {
  async export(file) {
    for await (const _ of exportedLines(file)) void _;
  },
  comparison: (file) => compareVersions(file, file),
  'refused rows': (file) => badRowPage(file, 0, 10),
};

it.each(
  Object.keys(READERS).flatMap((name) =>
    [
      ['not JSON', '{"kind":'],
      ['another thing', '{"kind":"text"}'],
      ['nothing', 'null'],
    ].map(([what, line]) => [name, what, line] as const),
  ),
)('%s: a line that is %s is named with its file', async (name, _, line) => {
  const file = join(await testFolder(), 'rows.jsonl');
  await writeFile(file, `${name === 'refused rows' ? '{"source":1,"reason":"empty"}\n' : GOOD}${line}\n`);
  await expect(READERS[name]!(file)).rejects.toMatchObject({ code: 'DATASET-FILE', message: expect.stringMatching(/rows\.jsonl .*row 2/) as string });
});

it.each(Object.keys(READERS))('%s: a file that is not there is named', async (name) => {
  await expect(READERS[name]!(join(await testFolder(), 'none.jsonl'))).rejects.toMatchObject({
    code: 'DATASET-FILE',
    message: expect.stringContaining('none.jsonl') as string,
  });
});
