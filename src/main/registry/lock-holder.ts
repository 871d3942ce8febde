import { readFileSync, statSync } from 'node:fs';

/** `1: POSIX  ADVISORY  WRITE 4711 08:01:123456 120 120`: who holds what kind of lock on which file. */
const LOCK = /^\d+: POSIX +\w+ +WRITE +(\d+) +[0-9a-f]+:[0-9a-f]+:(\d+) /gm;

/** The process that holds the registry, in words; empty where the system does not tell (only Linux does). */
export function lockHolder(file: string): string {
  try {
    const files = new Set([`${file}-shm`, file].map((path) => String(statSync(path, { bigint: true, throwIfNoEntry: false })?.ino)));
    const found = [...readFileSync('/proc/locks', 'latin1').matchAll(LOCK)].find(
      ([, pid, inode]) => files.has(inode!) && Number(pid) !== process.pid,
    );
    if (found === undefined) return '';
    const pid = found[1]!;
    return ` (process ${pid}, ${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()})`;
  } catch {
    // Another system, or a process that has just ended: without a name it is told as well.
    return '';
  }
}
