/** @file The command line: finds the command, reads its options, runs it, turns errors into words and exit codes. */
import { readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { guardProcess } from '../app/last-resort.ts';
import { nearestName } from '../../shared/lib/nearest-name.ts';
import { openDataFolder } from '../app/open-data-folder.ts';
import { keepToOwner } from '../files/private-root.ts';
import { onEndSignals, outliveReaders } from '../app/end-signals.ts';
import { endEngines } from '../services/machine/end-engines.ts';
import { saveAllRuns } from '../services/runs/run-handle.ts';
import { type Command, parseCommandArgs, UsageError } from './command.ts';
import { demoCommand } from './commands/demo.ts';
import { devicesCommand } from './commands/devices.ts';
import { exportCommand } from './commands/export.ts';
import { generateCommand } from './commands/generate.ts';
import { previewCommand } from './commands/preview.ts';
import { recipeCommand } from './commands/recipe.ts';
import { resumeCommand } from './commands/resume.ts';
import { runsCommand } from './commands/runs.ts';
import { trainCommand } from './commands/train.ts';
import { DATA } from './common-options.ts';
import { commandHelp, overview } from './help.ts';
import { reportFailure } from './report-failure.ts';
import { Terminal } from './terminal/terminal.ts';

const COMMANDS: readonly Command[] = [
  trainCommand,
  resumeCommand,
  runsCommand,
  generateCommand,
  previewCommand,
  devicesCommand,
  exportCommand,
  recipeCommand,
  demoCommand,
];

async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  const terminal = new Terminal(rest.includes('--json'));
  if (name === '--version' || name === '-v') {
    terminal.line(await version());
    return 0;
  }
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    const asked = COMMANDS.find((command) => command.name === rest[0]);
    terminal.line(asked ? commandHelp(asked, terminal) : overview(COMMANDS, terminal));
    return name === undefined ? 2 : 0;
  }
  try {
    const command = COMMANDS.find((each) => each.name === name) ?? unknownCommand(name);
    const args = parseCommandArgs(command, rest);
    if (args.flag('help')) {
      terminal.line(commandHelp(command, terminal));
      return 0;
    }
    if (command.options.includes(DATA)) openDataFolder(args.text('data'), (notice) => terminal.notice(notice));
    return await endable(command, () => command.run(args, terminal));
  } catch (error) {
    if (!(error instanceof UsageError)) {
      reportFailure(error, terminal.json ? terminal : null);
      return 1;
    }
    if (terminal.json) terminal.event({ kind: 'failed', error: { code: 'USAGE', message: error.message } });
    terminal.notice(`${error.message}\nSee "tunesmith ${COMMANDS.some((each) => each.name === name) ? `${name} ` : ''}--help".`);
    return 2;
  }
}

async function version(): Promise<string> {
  const { version: number } = JSON.parse(await readFile(join(import.meta.dirname, '../../../package.json'), 'utf8')) as { readonly version: string };
  return number;
}

function unknownCommand(name: string): never {
  const nearest = nearestName(
    name,
    COMMANDS.map((command) => command.name),
  );
  throw new UsageError(`there is no command ${JSON.stringify(name)}${nearest === null ? '' : `; did you mean ${nearest}?`}`);
}

/** Runs a command, and ends its engines when it is asked to end and has nothing to save itself. */
async function endable(command: Command, run: () => Promise<number>): Promise<number> {
  if (command.endsItself) {
    // To who works for hours and prints into nothing, a reader that has gone is a terminal that was closed.
    readerGone = () => void process.emit('SIGHUP', 'SIGHUP');
    return run();
  }
  const release = onEndSignals(
    (signal) => {
      void endEngines().finally(() => process.exit(128 + constants.signals[signal]));
    },
    (signal) => process.exit(128 + constants.signals[signal]),
  );
  try {
    return await run();
  } finally {
    release();
  }
}

// A reader that has seen enough (`| head`) is no error.
let readerGone = (): void => process.exit(0);
outliveReaders(() => readerGone());
keepToOwner();
guardProcess(
  {
    log: (error) => process.stderr.write(`${inspect(error)}\n`),
    tell: (message) => process.stderr.write(`${message}\n`),
    save: saveAllRuns,
    exit: (code) => process.exit(code),
  },
  false,
);
process.exitCode = await main(process.argv.slice(2));
