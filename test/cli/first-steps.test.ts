import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FIRST_STEPS } from '../../src/shared/domain/first-steps.ts';
import { runCli } from '../support/run-cli.ts';

it('the window and `npm start` show commands that exist, with options that exist', async () => {
  const { scripts } = JSON.parse(await readFile(join(import.meta.dirname, '../../package.json'), 'utf8')) as { readonly scripts: Readonly<Record<string, string>> };
  await Promise.all(FIRST_STEPS.map(async ({ command }) => {
    const [, script, rest] = /^npm run (\w+)(?: -- (.+))?$/.exec(command)!;
    expect(scripts[script!], command).toMatch(/^node src\/main\/cli\/index\.ts/);
    const [name, ...options] = rest?.split(' ') ?? [script!];
    const { code, stdout } = await runCli(name!, '--help');
    expect(code, command).toBe(0);
    for (const option of options.filter((each) => each.startsWith('--'))) expect(stdout, command).toMatch(new RegExp(`^  ${option}\\b`, 'm'));
  }));
});
