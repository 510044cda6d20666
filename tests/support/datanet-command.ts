// `payable datanet …` as a user runs it: the exit code, what it wrote and what it complained of.

import { expect } from 'vitest';
import { run } from '../../cli/run.ts';

export async function datanet(...args: string[]) {
  let out = '';
  const lines: string[] = [];
  const output = { write: (text: string) => void (out += text), fail: (line: string) => void lines.push(line) };
  const code = await run(['datanet', ...args], output, new AbortController().signal);
  return { code, out, lines };
}

/** The one JSON object of a command that went well. */
export async function said(...args: string[]): Promise<Record<string, unknown>> {
  const { code, out, lines } = await datanet(...args);
  expect([code, lines, out.trim().split('\n').length]).toEqual([0, [], 1]);
  return JSON.parse(out) as Record<string, unknown>;
}
