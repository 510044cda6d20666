// `payable datanet …` as a user runs it.

import { expect } from 'vitest';
import { payable } from './payable-command.ts';

export const datanet = (...args: string[]) => payable('datanet', ...args);

/** Runs a command that must succeed; returns the one JSON object that it prints. */
export async function said(...args: string[]): Promise<Record<string, unknown>> {
  const { code, out, lines } = await datanet(...args);
  expect([code, lines, out.trim().split('\n').length]).toEqual([0, [], 1]);
  return JSON.parse(out) as Record<string, unknown>;
}
