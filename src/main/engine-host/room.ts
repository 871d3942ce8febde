/**
 * @file Memory that is held for convenience gives way to training. Whoever holds some registers here; each start of a training job in
 * this process, a measurement's too, asks all of them to go.
 */

export interface RoomHolder {
  /** Lets go of what it can. @returns what was let go, in sentences for the log */
  giveWay(): readonly string[];
}

const holders = new Set<RoomHolder>();
let trainings = 0;

/** @returns takes the holder off the list */
export function holdRoom(holder: RoomHolder): () => void {
  holders.add(holder);
  return () => void holders.delete(holder);
}

/** Makes room until `ended` settles. @returns what went, in sentences */
export function makeRoom(ended: Promise<unknown>): readonly string[] {
  trainings++;
  const over = () => void trainings--;
  ended.then(over, over);
  return [...holders].flatMap((holder) => holder.giveWay());
}

export function isTraining(): boolean {
  return trainings > 0;
}
