/** @file A host whose resident engine has served the ask in the file it is given, and which then dies as a crashed app would. */
import { readFileSync } from 'node:fs';
import { ResidentEngines } from '../../src/main/engine-host/resident-engines.ts';
import type { ResidentJob } from '../../src/main/engine/protocol.ts';

const engines = new ResidentEngines();
const job = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as ResidentJob;
const { kind } = await engines.ask(job, () => undefined).ended;
if (kind !== 'done') throw new Error(`the ask ended with ${kind}`);
process.stdout.write(String(engines.list()[0]!.pid));
process.kill(process.pid, 'SIGKILL');
