// The `payable` command: finds the command, parses its options, and turns every failure into one line.
// Commands are one file each; this file knows their names.

import { parseArgs } from 'node:util';
import { AbortedError, PayableError } from '#lib/core/errors.ts';
import type { Command } from './command.ts';
import { evaluate } from './commands/eval.ts';
import { generate } from './commands/generate.ts';
import { logits } from './commands/logits.ts';
import { UsageError } from './errors.ts';

const COMMANDS: Record<string, Command> = { logits, generate, eval: evaluate };

const INTERRUPTED = 130;

const help = (): string => `payable COMMAND [OPTIONS]

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`)
  .join('\n')}

payable COMMAND --help says more.`;

async function main(args: string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    write(`${help()}\n`);
    return name === undefined ? 1 : 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command)
    throw new UsageError(
      `There is no command "${name.slice(0, 60)}".`,
      `Commands: ${Object.keys(COMMANDS).join(', ')}.`,
    );
  const { values, positionals } = parse(name, command, rest);
  if (values['help'] === true) {
    write(`${command.help}\n`);
    return 0;
  }
  if (positionals.length > (command.words ?? 0)) {
    throw new UsageError(
      `"${positionals.at(-1)!.slice(0, 60)}" is not an option of ${name}.`,
      `See payable ${name} --help.`,
    );
  }
  const stop = new AbortController();
  process.on('SIGINT', () => {
    if (stop.signal.aborted) process.exit(INTERRUPTED);
    stop.abort(new AbortedError());
  });
  await command.run(values, { words: positionals, signal: stop.signal, write });
  return 0;
}

function parse(name: string, { options }: Command, args: string[]) {
  try {
    return parseArgs({
      args,
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
      strict: true,
    });
  } catch (cause) {
    const message = (cause as Error).message.split(/[.\n]/)[0]!;
    throw new UsageError(`${message}.`, `See payable ${name} --help.`);
  }
}

function write(text: string): void {
  process.stdout.write(text);
}

function report(error: unknown): number {
  if (error instanceof AbortedError || (error as Error | undefined)?.name === 'AbortError') {
    process.stderr.write('payable: stopped.\n');
    return INTERRUPTED;
  }
  const line =
    error instanceof PayableError
      ? error.toLine()
      : `internal error: ${error instanceof Error ? error.message : String(error)}`;
  process.stderr.write(`payable: ${line.replace(/\s*[\r\n]+\s*/g, ' ')}\n`);
  return 1;
}

/** Ends at once: a GPU library's threads would keep the process alive, or take it down while it winds up. */
function finish(code: number): void {
  process.stdout.write('', () => process.exit(code));
}

// The reader closed its end: nobody is left to tell.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
process.on('uncaughtException', (error) => process.exit(report(error)));
process.on('unhandledRejection', (error) => process.exit(report(error)));

main(process.argv.slice(2)).then(finish, (error: unknown) => finish(report(error)));
