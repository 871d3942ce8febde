import { readdir, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { runProgram } from './run-program.ts';

/** What the build is made from, and the last file of each of its parts. */
const SOURCES = ['src', 'electron.vite.config.ts', 'postcss.config.cjs', 'package.json', 'package-lock.json'];
const BUILT = ['out/main/index.js', 'out/preload/index.cjs', 'out/renderer/index.html'];

/** Builds the page and Electron's parts unless they are newer than all they are made from. Exits where the build fails. */
export async function buildIfStale(root: string): Promise<void> {
  if (!(await isStale(root))) return;
  console.log('Building the studio.');
  const builder = join(dirname(createRequire(import.meta.url).resolve('electron-vite/package.json')), 'bin', 'electron-vite.js');
  const { code } = await runProgram(process.execPath, [builder, 'build', '--logLevel', 'warn'], 'inherit', root);
  if (code !== 0) process.exit(code);
}

export async function isStale(root: string): Promise<boolean> {
  const built = await Promise.all(BUILT.map((file) => modified(join(root, file))));
  const sources = await Promise.all(SOURCES.map((path) => newest(join(root, path))));
  return Math.min(...built) < Math.max(...sources);
}

/** Milliseconds; of a folder the newest of all in it, itself included: a file that is gone changes its folder. */
async function newest(path: string): Promise<number> {
  const own = await modified(path);
  if (own === 0 || !(await stat(path)).isDirectory()) return own;
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const times = await Promise.all(
    entries.filter(({ name }) => !/\.test\.tsx?$/.test(name)).map((entry) => modified(join(entry.parentPath, entry.name))),
  );
  return Math.max(own, ...times);
}

/** 0 where there is no such file. */
async function modified(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
