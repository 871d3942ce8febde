import { homedir } from 'node:os';
import { join } from 'node:path';

/** A path as people type and paste it: `~/models`, in quotes, with blanks around it. */
export function typedPath(typed: string): string {
  const path = typed.trim().replace(/^(["'])(.+)\1$/, '$2');
  if (path === '~') return homedir();
  return /^~[/\\]/.test(path) ? join(homedir(), path.slice(2)) : path;
}
