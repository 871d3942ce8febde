/** @file A host whose resident engine is given the ask in the file it is given; for tests in which the engine never answers. */
import { readFileSync } from 'node:fs';
import { ResidentEngines } from '../../src/main/engine-host/resident-engines.ts';
import type { ResidentJob } from '../../src/main/engine/protocol.ts';

const job = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as ResidentJob;
await new ResidentEngines().ask(job, () => undefined).ended;
