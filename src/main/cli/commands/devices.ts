import { listDevices } from '../../services/machine/devices.ts';
import type { Command } from '../command.ts';
import { DATA, dataOf, JSON_OUTPUT } from '../common-options.ts';

export const devicesCommand: Command = {
  name: 'devices',
  summary: 'What this machine can train on, and why not where it cannot',
  usage: ['devices'],
  options: [DATA, JSON_OUTPUT],
  async run(args, terminal) {
    for (const report of await listDevices(dataOf(args))) {
      if (terminal.json) terminal.event({ kind: 'device', ...report });
      else
        terminal.line(
          `${terminal.paint(report.available ? 'green' : 'yellow', report.available ? 'usable    ' : 'not usable')}  ${report.device.padEnd(5)} ${report.description}${report.available ? ` (${report.computeDTypes.join(', ')})` : ''}`,
        );
    }
    return 0;
  },
};
