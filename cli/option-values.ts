// Parses and checks option values: an error names the option, its value and what it accepts.

import type { OptionValues } from './command.ts';
import { UsageError } from './errors.ts';

export function text(values: OptionValues, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

export function required(values: OptionValues, name: string, what: string): string {
  const value = text(values, name);
  if (value === undefined || value === '') throw new UsageError(`Option --${name} is missing.`, `Give it ${what}.`);
  return value;
}

export const list = (values: OptionValues, name: string): string[] => {
  const value = values[name];
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
};

export const flag = (values: OptionValues, name: string): boolean => values[name] === true;

export function number(values: OptionValues, name: string, min: number, max: number): number | undefined {
  const value = text(values, name);
  if (value === undefined) return undefined;
  const parsed = value.trim() === '' ? NaN : Number(value);
  if (!(parsed >= min && parsed <= max))
    throw new UsageError(`Option --${name} is "${value}".`, `It takes a number from ${min} to ${max}.`);
  return parsed;
}

export function whole(values: OptionValues, name: string, min: number, max: number): number | undefined {
  const parsed = number(values, name, min, max);
  if (parsed !== undefined && !Number.isInteger(parsed)) {
    throw new UsageError(
      `Option --${name} is "${text(values, name)}".`,
      `It takes a whole number from ${min} to ${max}.`,
    );
  }
  return parsed;
}

/** Seconds since 1970, to the end of the year 9999; by default now. */
export const created = (values: OptionValues): number =>
  whole(values, 'created', 0, 253_402_300_799) ?? Math.floor(Date.now() / 1000);

export function oneOf<T extends string>(values: OptionValues, name: string, accepted: readonly T[], fallback: T): T {
  const value = text(values, name) ?? fallback;
  if (!(accepted as readonly string[]).includes(value)) {
    throw new UsageError(`Option --${name} is "${value}".`, `It takes ${accepted.join(', ')}.`);
  }
  return value as T;
}

/** Token ids, comma-separated. The engine checks them against the vocabulary. */
export function ids(value: string, option = '--ids'): number[] {
  return value.split(',').map((part) => {
    if (!/^\s*\d{1,9}\s*$/.test(part))
      throw new UsageError(`Option ${option} holds "${part.slice(0, 40)}".`, 'It takes token ids, like 1,2,3.');
    return Number(part);
  });
}
