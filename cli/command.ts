// The type of a command: help, options, action. Types only.

import type { ParseArgsConfig } from 'node:util';

export type OptionTypes = NonNullable<ParseArgsConfig['options']>;

/** Parsed options by name; an option given `multiple: true` is a list. */
export type OptionValues = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

export interface Command {
  /** One line for the list of commands. */
  summary: string;
  help: string;
  options: OptionTypes;
  /** Positional arguments; default none. */
  words?: number;
  run(values: OptionValues, context: CommandContext): Promise<void>;
}

export interface CommandContext {
  words: string[];
  signal: AbortSignal;
  /** Writes to stdout unchanged. */
  write(text: string): void;
  /** The exit code of a command that ends well; 0 unless it is set. */
  leave(code: number): void;
}
