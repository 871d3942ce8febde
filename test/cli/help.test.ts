import { expect, it } from 'vitest';
import { describeFields } from '../../src/shared/domain/recipe/described-fields.ts';
import { eventsOf, runCli } from '../support/run-cli.ts';

it('lists every command, and each has a help with all its options', async () => {
  const { code, stdout } = await runCli('--help');
  expect(code).toBe(0);
  const commands = [...stdout.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, name]) => name!);
  expect(commands).toEqual(['train', 'resume', 'runs', 'generate', 'preview', 'devices', 'export', 'recipe', 'demo']);
  const helps = await Promise.all(commands.map((name) => runCli(name, '--help')));
  for (const [i, help] of helps.entries()) {
    expect(help.code).toBe(0);
    expect(help.stdout).toContain(`tunesmith ${commands[i]}`);
    expect(help.stdout.split('\n').every((line) => line.length <= 100)).toBe(true);
    // Every option that the usage names is explained.
    const usage = /Usage\n([\s\S]*?)\n\n/.exec(help.stdout)![1]!;
    for (const [option] of usage.matchAll(/--[a-z-]+/g)) expect(help.stdout).toMatch(new RegExp(`^  ${option}\\b`, 'm'));
  }
});

it('describes every field of a recipe from its schema, and prints the schema', async () => {
  const { stdout } = await runCli('recipe', '--all');
  for (const { path, help } of describeFields()) {
    expect(stdout).toContain(`  ${path}  `);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(help.replaceAll(/\s+/g, ' '));
  }
  const schema = JSON.parse((await runCli('recipe', '--schema')).stdout) as { required: string[] };
  expect(schema.required).toEqual(['model', 'dataset']);
  expect(eventsOf(await runCli('recipe', '--json'), 'field').map(({ path }) => path)).toEqual(describeFields().map(({ path }) => path));
  expect((await runCli('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

it.each([
  [['trian'], /did you mean train\?/],
  [['train', '--recipie', 'x'], /did you mean --recipe\?/],
  [['train', '--out', 'x'], /give --recipe FILE, or both/],
  [['train', '--recipe', 'x'], /--out is missing/],
  [['train', '--recipe', 'x', '--out', 'y', '--device', 'tpu'], /--device must be one of auto, cpu, cuda, reference/],
  [['train', '--recipe', 'x', '--out', 'y', '--threads', '0'], /--threads must be a whole number from 1 to 1024/],
  [['train', '--recipe', 'x', '--out', 'y', '--set', 'rank'], /field=value/],
  [['generate', '--model', 'm', '--prompt', 'x', '--adapter', '=d'], /name=folder/],
  [['generate', '--model', 'm'], /--prompt/],
  [['generate', '--model', 'm', '--prompt', 'x', '--top-p', '2'], /--top-p must be a number above 0 to 1, but is "2"/],
  [
    ['generate', '--model', 'm', '--prompt', 'x', '--temperature', '-1'],
    /--temperature needs a value; one that begins with a dash is written --temperature=-1/,
  ],
  [['generate', '--model', 'm', '--prompt'], /--prompt needs a value/],
  [[], /./],
] as const)('%j is a usage error: code 2 and a pointer to the help', async (args, words) => {
  const { code, stdout, stderr } = await runCli(...args);
  expect(code).toBe(2);
  expect(stdout + stderr).toMatch(words);
});
