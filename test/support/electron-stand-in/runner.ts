/**
 * @file Starts the built program as Electron would, with the stand-in in Electron's place, and lets a scenario be its user.
 * `node runner.ts SCENARIO -- ARGUMENTS`. What the scenario reports are lines of JSON behind `REPORT `.
 */
import childProcess from 'node:child_process';
import { registerHooks, syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { standInApp } from './app.ts';
import { scenarios } from './scenarios.ts';
import './utility-process.ts';

const ENTRY = join(import.meta.dirname, '..', '..', '..', 'out', 'main', 'index.js');
const [, , name, , ...args] = process.argv;
const scenario = scenarios[name!]!;

// The fuse RunAsNode is off: a fork of the program would open a second one. The stand-in has its own by now.
childProcess.fork = () => {
  throw new Error('Electron, with its fuses set, forks no Node.');
};
syncBuiltinESMExports();
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: pathToFileURL(join(import.meta.dirname, 'electron.ts')).href, shortCircuit: true } : next(specifier, context),
});

process.argv.splice(1, process.argv.length, ENTRY, ...args);
// Electron is ready only when the entry has been evaluated.
await import(pathToFileURL(ENTRY).href);
standInApp.becomeReady();
await scenario();
