// What a command is: its help, its options and what it does.
// Types only.

import type { ParseArgsConfig } from 'node:util';

export type OptionTypes = NonNullable<ParseArgsConfig['options']>;

/** Parsed options by name; an option given `multiple: true` is a list. */
export type OptionValues = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

export interface Command {
  /** One line for the list of commands. */
  summary: string;
  help: string;
  options: OptionTypes;
  /** Words after the options; default none. */
  words?: number;
  run(values: OptionValues, context: CommandContext): Promise<void>;
}

export interface CommandContext {
  words: string[];
  signal: AbortSignal;
  /** Writes to stdout as it is. */
  write(text: string): void;
}
