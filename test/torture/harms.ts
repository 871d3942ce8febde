import { clocks } from './clocks.ts';
import { damagedCheckpoints } from './damaged-checkpoints.ts';
import { fullDisks } from './full-disks.ts';
import { kills } from './kills.ts';
import { lockedRegistry } from './locked-registry.ts';
import type { Harm } from './trial.ts';
import { twoOwners } from './two-owners.ts';

export type HarmName = 'kills' | 'disks' | 'damages' | 'owners' | 'locks' | 'clocks';

/** By the name of the option that says how many of each. */
export const HARMS: Readonly<Record<HarmName, Harm>> = {
  kills,
  disks: fullDisks,
  damages: damagedCheckpoints,
  owners: twoOwners,
  locks: lockedRegistry,
  clocks,
};
