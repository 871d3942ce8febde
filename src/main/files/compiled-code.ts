/**
 * @file Where Node keeps what it has compiled of our sources: engines and workers then start in less than half the time. What lies there is run, so
 * it is never in a data folder, which may come from elsewhere, but where the platform keeps such files for this person alone.
 */
import { flushCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The variables with which processes of ours are started. What a person has set themselves stays. */
export function withCompiledCode(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, NODE_COMPILE_CACHE: env['NODE_COMPILE_CACHE'] || compiledCodeFolder(process.platform, env, homedir()) };
}

/** Caches on macOS, local application data on Windows, the XDG cache folder elsewhere. */
export function compiledCodeFolder(platform: NodeJS.Platform, env: NodeJS.ProcessEnv, home: string): string {
  switch (platform) {
    case 'darwin':
      return join(home, 'Library', 'Caches', 'Tunesmith', 'compiled');
    case 'win32':
      return join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'Tunesmith Cache', 'compiled');
    default:
      return join(env['XDG_CACHE_HOME'] || join(home, '.cache'), 'tunesmith', 'compiled');
  }
}

/** To be called when everything is loaded: processes of ours are ended by signals, and Node itself would write only at an end of their own. */
export function keepCompiledCode(): void {
  flushCompileCache();
}
