/**
 * @file `npm run fuzz -- TARGET|all [--inputs N] [--minutes N] [--seed N]`: prints figures a target, and stores what it finds, made small, in
 * test/fuzz/found. Ends with code 1 where something was found.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { minimised } from './minimise.ts';
import { FOUND, nameOf, runRound, type RoundResult } from './round.ts';
import { TARGETS } from './targets.ts';

const {
  positionals: [wanted],
  values,
} = parseArgs({
  allowPositionals: true,
  options: { inputs: { type: 'string' }, minutes: { type: 'string' }, seed: { type: 'string' } },
});
const names = Object.keys(TARGETS);
if (wanted === undefined || (wanted !== 'all' && !names.includes(wanted))) {
  console.error(`npm run fuzz -- TARGET [--inputs N] [--minutes N] [--seed N]\nTargets: all, ${names.join(', ')}`);
  process.exit(2);
}
const chosen = wanted === 'all' ? names : [wanted];
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
const minutes = values.minutes === undefined ? null : Number(values.minutes);
const inputs = values.inputs === undefined ? (minutes === null ? 100_000 : Number.MAX_SAFE_INTEGER) : Number(values.inputs);
console.log(`seed ${seed}`);

const results: RoundResult[] = [];
const shares = chosen.reduce((sum, name) => sum + TARGETS[name]!.share, 0);
for (const target of chosen) {
  const part = TARGETS[target]!.share / shares;
  const until = minutes === null ? null : Date.now() + minutes * part * 60_000;
  const result = await runRound({ target, seed, inputs: Math.ceil(inputs * part), until });
  results.push(result);
  console.log(lineOf(result));
  for (const finding of result.findings) {
    const file = join(FOUND, target, nameOf(finding));
    await mkdir(join(FOUND, target), { recursive: true });
    await writeFile(file, finding.input);
    console.log(`  ${finding.kind}: ${finding.detail.split('\n').slice(0, 4).join(' | ').slice(0, 400)}\n    ${file}`);
    await writeFile(file, await minimised(finding));
  }
}
const sum = (of: (result: RoundResult) => number): number => results.reduce((total, result) => total + of(result), 0);
console.log(
  `total: ${sum(({ inputs: count }) => count)} inputs, ${sum(({ findings }) => findings.length)} findings, ${sum(({ seconds }) => seconds).toFixed(0)} s`,
);
process.exitCode = sum(({ findings }) => findings.length) > 0 ? 1 : 0;

function lineOf({ target, inputs: count, answered, findings, kept, slowest, peak, blocks, seconds }: RoundResult): string {
  return `${target.padEnd(17)} ${String(count).padStart(8)} inputs  ${String(answered).padStart(8)} answered  ${findings.length} findings  ${kept} kept  ${blocks} blocks  slowest ${slowest.toFixed(0)} ms  peak ${Math.round(peak / 2 ** 20)} MiB  ${(count / seconds).toFixed(0)}/s`;
}
