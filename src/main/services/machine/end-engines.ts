import { endEngines as end } from '../../engine-host/engine-host.ts';

/** Milliseconds in which an engine may end by itself. */
const GRACE = 2000;

/** Ends every engine of this process: asks, and kills what has not gone after a grace. For programs that end with nothing to save. */
export async function endEngines(): Promise<void> {
  await end(GRACE);
}
