// Finds the guards of a contract and writes the source without each: each guard, each part of its condition, each guarding
// modifier, each call of a function that can only revert.

/** One mutation of a source. */
export interface Mutant {
  /** Line of the guard, from 1. */
  line: number;
  /** The dropped text. */
  dropped: string;
  source: string;
}

const MODIFIERS = /\b(restricted|nonReentrant|whenNotPaused|only[A-Z]\w*)\b/g;

/** Index after the bracket that matches the one at `open`. */
function closing(source: string, open: number): number {
  const pairs: Record<string, string> = { '(': ')', '{': '}', '[': ']' };
  const close = pairs[source[open]!]!;
  for (let i = open + 1; i < source.length; i++) {
    if (source[i] === close) return i + 1;
    if (source[i]! in pairs) i = closing(source, i) - 1;
  }
  throw new Error(`Bracket at ${open} is never closed.`);
}

/** The parts of a condition between its outermost `||`. */
function alternatives(condition: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let i = 0; i < condition.length; i++) {
    if (condition[i] === '(') i = closing(condition, i) - 1;
    else if (condition.startsWith('||', i)) {
      parts.push(condition.slice(start, i));
      start = i + 2;
    }
  }
  return [...parts, condition.slice(start)];
}

/** Names of a source's view and pure functions: called as a statement, they can only revert. */
export function readingFunctions(source: string): string[] {
  return [...source.matchAll(/\bfunction (\w+)\(/g)].flatMap(({ 1: name, index }) => {
    const afterArguments = closing(source, source.indexOf('(', index));
    return /^[^{;]*\b(?:view|pure)\b/.test(source.slice(afterArguments)) ? [name!] : [];
  });
}

/** All mutants of a Solidity source. `reading` names view and pure functions, of this file or of another. */
export function solidityGuards(source: string, reading: ReadonlySet<string>): Mutant[] {
  const mutants: Mutant[] = [];
  const add = (from: number, to: number, replacement: string, dropped: string) =>
    mutants.push({
      line: source.slice(0, from).split('\n').length,
      dropped: dropped.replaceAll(/\s+/g, ' ').trim(),
      source: source.slice(0, from) + replacement + source.slice(to),
    });

  for (const { index } of source.matchAll(/\b(if|require) \(|\brequire\(/g)) {
    const open = source.indexOf('(', index);
    const after = closing(source, open);
    if (source.startsWith('require', index)) {
      const end = source.indexOf(';', after) + 1;
      add(index, end, '', source.slice(index, end));
      continue;
    }
    const body = /^\s*(?:\{\s*revert\b[^;]*;\s*\}|revert\b[^;]*;)/.exec(source.slice(after));
    if (!body) continue;
    const end = after + body[0].length;
    add(index, end, '', source.slice(index, end));
    const parts = alternatives(source.slice(open + 1, after - 1));
    if (parts.length === 1) continue;
    for (const part of parts) {
      const others = parts.filter((other) => other !== part).join('||');
      add(open + 1, after - 1, others, `|| ${part.trim()}`);
    }
  }

  for (const { 0: call, 1: name, index } of source.matchAll(/(?<=[;{})]\s*)(?:\w+\.)*(\w+)\(/g)) {
    if (!reading.has(name!)) continue;
    const after = closing(source, index + call.length - 1);
    if (source[after] === ';') add(index, after + 1, '', source.slice(index, after + 1));
  }

  for (const { index } of source.matchAll(/\bfunction \w+\(/g)) {
    const afterArguments = closing(source, source.indexOf('(', index));
    const header = source.slice(afterArguments, source.slice(afterArguments).search(/[{;]/) + afterArguments);
    for (const use of header.matchAll(MODIFIERS)) {
      const from = afterArguments + use.index;
      const afterName = from + use[0].length;
      const to = source[afterName] === '(' ? closing(source, afterName) : afterName;
      add(from, to, '', `modifier ${source.slice(from, to)}`);
    }
  }
  return mutants.sort((a, b) => a.line - b.line);
}
