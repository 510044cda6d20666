// A command as a user runs it: its exit code, its output and its error lines.

import { run } from '../../cli/run.ts';

export async function payable(...args: string[]) {
  let out = '';
  const lines: string[] = [];
  const output = { write: (text: string) => void (out += text), fail: (line: string) => void lines.push(line) };
  const code = await run(args, output, new AbortController().signal);
  return { code, out, lines };
}
