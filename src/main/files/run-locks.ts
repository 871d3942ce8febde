/**
 * Names of the two locks in the folder of a run (docs/adr/0015). The host holds the first for as long as it may write the run's record,
 * log and registry row; each engine that trains there holds the second until it has ended, which may be after its host.
 */
export const RUN_LOCKS = { host: 'host.lock', engine: 'engine.lock' } as const;
