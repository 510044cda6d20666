// The `payable` program: the process around the commands, with signals and exit codes.

import { AbortedError } from '#lib/core/errors.ts';
import { isPdfOrphan } from './orphans.ts';
import { errorLine, INTERRUPTED, run } from './run.ts';

const stop = new AbortController();
const fail = (line: string): void => void process.stderr.write(`${line}\n`);
const crash = (error: unknown): never => {
  fail(errorLine(error));
  process.exit(1);
};

process.on('SIGINT', () => {
  if (stop.signal.aborted) process.exit(INTERRUPTED);
  stop.abort(new AbortedError());
});
// The reader closed the pipe, so no message can be shown.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
process.on('uncaughtException', crash);
process.on('unhandledRejection', (error) => {
  if (!isPdfOrphan(error)) crash(error);
});

const code = await run(process.argv.slice(2), { write: (text) => void process.stdout.write(text), fail }, stop.signal);
// Exit at once: a GPU library's threads would keep the process alive, or crash it during shutdown.
process.stdout.write('', () => process.exit(code));
