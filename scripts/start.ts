/**
 * `npm start`: builds what is stale, then opens Electron's window. Where that is impossible, says why and serves the same studio
 * to a browser. `--data DIR`, `--port N` (of the browser host), `--no-open`, `--browser` (do not try Electron).
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { serveStudio } from '../src/main/browser.ts';
import { buildIfStale } from './start/build-if-stale.ts';
import { canShowWindows, findElectron } from './start/find-electron.ts';
import { runProgram } from './start/run-program.ts';

const ROOT = join(import.meta.dirname, '..');
const { values } = parseArgs({
  options: { data: { type: 'string' }, port: { type: 'string' }, 'no-open': { type: 'boolean' }, browser: { type: 'boolean' } },
});

await buildIfStale(ROOT);
const why = await tryElectron();
if (why !== null) {
  console.log(`No window of its own: ${why}. The studio is served to a browser instead.`);
  // An automatic run has nobody to look at a browser.
  const open = values['no-open'] !== true && !process.env['CI'] && canShowWindows();
  await serveStudio({ data: values.data ?? null, port: values.port ?? null, open });
}

/** Null once the window was closed; otherwise why there was none. */
async function tryElectron(): Promise<string | null> {
  if (values.browser === true || values.port !== undefined) return 'a browser was asked for';
  const electron = await findElectron();
  if ('why' in electron) return electron.why;
  const { code, errors } = await runProgram(electron.path, [ROOT, ...(values.data === undefined ? [] : ['--data', values.data])], 'inherit', ROOT);
  return code === 0 ? null : `Electron ended with code ${code}${errors === '' ? '; what it printed is above' : ` (${errors})`}`;
}
