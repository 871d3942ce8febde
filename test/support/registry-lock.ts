import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { onTestFinished } from 'vitest';

const SQLITE = createRequire(import.meta.url).resolve('better-sqlite3');

export interface RegistryLock {
  /** Lets go, and waits until it has. */
  release(): Promise<void>;
}

/** Another program that holds the registry: its write lock (`IMMEDIATE`), or all of it. */
export async function lockRegistry(file: string, how: 'IMMEDIATE' | 'EXCLUSIVE' = 'IMMEDIATE'): Promise<RegistryLock> {
  const script = `const database = new (require(${JSON.stringify(SQLITE)}))(${JSON.stringify(file)}, { timeout: 60000 });
    ${how === 'EXCLUSIVE' ? "database.pragma('locking_mode = EXCLUSIVE');" : ''}
    database.exec('BEGIN ${how}');
    process.stdout.write('locked');
    process.stdin.on('data', () => { database.exec('COMMIT'); database.close(); process.exit(0); });`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'close');
  await once(child.stdout, 'data');
  return {
    async release() {
      child.stdin.write('go');
      await ended;
    },
  };
}
