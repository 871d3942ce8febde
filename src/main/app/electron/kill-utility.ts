import type { UtilityProcess } from 'electron';

/** At once, whatever it does; one that is not there yet, as soon as it is: Electron tells its number no earlier, and forgets a kill before. */
export function killUtility(child: UtilityProcess): void {
  const kill = () => {
    if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL');
  };
  if (child.pid === undefined) child.once('spawn', kill);
  else kill();
}
