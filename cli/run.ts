// Runs one command from arguments to exit code: finds it, parses its options, turns every failure into one line.

import { parseArgs } from 'node:util';
import { AbortedError, PayableError } from '#lib/core/errors.ts';
import type { Command } from './command.ts';
import { bench } from './commands/bench.ts';
import { chain } from './commands/chain.ts';
import { datanet } from './commands/datanet.ts';
import { evaluate } from './commands/eval.ts';
import { exportModel } from './commands/export.ts';
import { generate } from './commands/generate.ts';
import { logits } from './commands/logits.ts';
import { model } from './commands/model.ts';
import { pinNode } from './commands/pin-node.ts';
import { pull } from './commands/pull.ts';
import { render } from './commands/render.ts';
import { stake } from './commands/stake.ts';
import { token } from './commands/token.ts';
import { train } from './commands/train.ts';
import { verifyTrainingCommand } from './commands/verify-training.ts';
import { vote } from './commands/vote.ts';
import { UsageError } from './errors.ts';

const COMMANDS: Record<string, Command> = {
  logits,
  generate,
  pull,
  render,
  eval: evaluate,
  train,
  'verify-training': verifyTrainingCommand,
  export: exportModel,
  bench,
  datanet,
  chain,
  token,
  stake,
  model,
  vote,
  'pin-node': pinNode,
};

export const INTERRUPTED = 130;

export interface Output {
  write(text: string): void;
  /** Writes one error line, given without its line end. */
  fail(line: string): void;
}

export async function run(args: readonly string[], output: Output, signal: AbortSignal): Promise<number> {
  try {
    return await dispatch(args, output, signal);
  } catch (error) {
    if (signal.aborted || error instanceof AbortedError || (error as Error | undefined)?.name === 'AbortError') {
      output.fail('payable: stopped.');
      return INTERRUPTED;
    }
    output.fail(errorLine(error));
    return 1;
  }
}

/** An error other than a `PayableError` is a defect and is reported as such. */
export function errorLine(error: unknown): string {
  const line =
    error instanceof PayableError
      ? error.toLine()
      : `internal error: ${error instanceof Error ? error.message : String(error)}`;
  const words = line.split(/[\r\n]/).map((part) => part.trim());
  return `payable: ${words.filter((part) => part !== '').join(' ')}`;
}

async function dispatch(args: readonly string[], { write }: Output, signal: AbortSignal): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    write(`${help()}\n`);
    return name === undefined ? 1 : 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    throw new UsageError(
      `There is no command "${name.slice(0, 60)}".`,
      `Commands: ${Object.keys(COMMANDS).join(', ')}.`,
    );
  }
  const { values, positionals } = parse(name, command, rest);
  if (values['help'] === true) {
    write(`${command.help}\n`);
    return 0;
  }
  if (positionals.length > (command.words ?? 0)) {
    const stray = positionals.at(-1)!.slice(0, 60);
    throw new UsageError(`"${stray}" is not an option of ${name}.`, `See payable ${name} --help.`);
  }
  await command.run(values, { words: positionals, signal, write });
  return 0;
}

const help = (): string => `payable COMMAND [OPTIONS]

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(16)} ${summary}`)
  .join('\n')}

payable COMMAND --help says more.`;

function parse(name: string, { options }: Command, args: string[]) {
  try {
    const withHelp = { ...options, help: { type: 'boolean', short: 'h' } } as const;
    return parseArgs({ args, options: withHelp, allowPositionals: true, strict: true });
  } catch (cause) {
    const message = (cause as Error).message.split(/[.\n]/)[0]!;
    throw new UsageError(`${message}.`, `See payable ${name} --help.`);
  }
}
