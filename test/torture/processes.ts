/** @file Processes of this machine, as Linux tells them. */
import { readdirSync, readFileSync } from 'node:fs';

/** Hosts and engines that work on a place: it is in their environment, which an engine has from its host. */
export function processesOf(place: string): readonly number[] {
  return numbersIn('/proc').filter((pid) => textOf(`/proc/${pid}/environ`).includes(`TORTURE_PLACE=${place}\0`));
}

/** The engines of a host. */
export function childrenOf(pid: number): readonly number[] {
  return textOf(`/proc/${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean).map(Number);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // It has ended, or is somebody else's.
    return '';
  }
}

function numbersIn(folder: string): readonly number[] {
  return readdirSync(folder)
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}
