/** @file A host that starts the job in the file it is given and dies at the first step, as a crashed app would. */
import { readFileSync } from 'node:fs';
import { startJob } from '../../src/main/engine-host/engine-host.ts';
import { jobSchema } from '../../src/main/engine/protocol.ts';

const { pid, ended } = startJob(jobSchema.parse(JSON.parse(readFileSync(process.argv[2]!, 'utf8'))), (event) => {
  if (event.kind !== 'metrics') return;
  process.stdout.write(String(pid));
  process.kill(process.pid, 'SIGKILL');
});
await ended;
