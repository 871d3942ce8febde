/** @file `powerMonitor`: the system's word that it goes down. */
import { preventable, strict, StrictEmitter, type Preventable } from './strict.ts';

const emitter = new StrictEmitter('PowerMonitor');

export const powerMonitor = strict('PowerMonitor', emitter);

/** For the scenario: the machine is shut down. @returns whether the program asked it to wait */
export function shutDown(): boolean {
  const event: Preventable = preventable({});
  emitter.tell('shutdown', event);
  return event.defaultPrevented;
}
