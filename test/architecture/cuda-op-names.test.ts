/** @file The CUDA backend asks for traits of ops: a string with an op's name outside the table of traits is a rule that a new op would slip by. */
import { expect, it } from 'vitest';
import { OP_TRAITS } from '../../src/main/engine/backends/cuda/op-traits.ts';
import { isTest, sourceFiles } from './source-tree.ts';

const FOLDER = 'src/main/engine/backends/cuda';
const TABLE = `${FOLDER}/op-traits.ts`;
/** What is no name of an op where it stands: a type's parameter, a state's role, a scatter's way. */
const OTHER_MEANINGS = [
  /\bNode<'\w+'>/g,
  /\b(?:WrittenKernel|Extract)<[^>]*>/g,
  /\brole === 'constant'/g,
  /\brole: 'constant'/g,
  /\bsum\('constant'\)/g,
];

function named(text: string): readonly string[] {
  const code = OTHER_MEANINGS.reduce((left, pattern) => left.replaceAll(pattern, ''), text);
  return [...code.matchAll(/'(\w+)'/g)].map(([, word]) => word!).filter((word) => Object.hasOwn(OP_TRAITS, word));
}

it('no file but the table of traits names an op in a string', () => {
  const files = sourceFiles([FOLDER]).filter((file) => !isTest(file) && file.path !== TABLE);
  expect(files.flatMap(({ path, text }) => named(text).map((word) => `${path}: '${word}'`))).toEqual([]);
});

it('the search sees a comparison, a case and a set', () => {
  expect(named("if (node.op === 'matmul') return; case 'add': new Set(['exp'])")).toEqual(['matmul', 'add', 'exp']);
  expect(named("const x: Node<'scatter'> = y; spec.role === 'constant'")).toEqual([]);
});
