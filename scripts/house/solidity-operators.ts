// Swaps each operator of a contract once: arithmetic, comparison and logic, in Solidity and in its assembly blocks.

import type { Mutant } from './solidity-guards.ts';

/** What takes the place of a binary operator; formatted sources have a space on both sides. */
const SWAPS: Readonly<Record<string, string>> = {
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '%': '*',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '==': '!=',
  '!=': '==',
  '&&': '||',
  '||': '&&',
  '<<': '>>',
  '>>': '<<',
  '&': '|',
  '|': '&',
  '+=': '-=',
  '-=': '+=',
  '|=': '&=',
};
const OPERATOR = / (\+=|-=|\|=|&&|\|\||<<|>>|<=|>=|==|!=|[-+*/%<>&|]) /g;

/** The same for opcodes that are written as functions. */
const OPCODES: Readonly<Record<string, string>> = {
  add: 'sub',
  sub: 'add',
  mul: 'add',
  shl: 'shr',
  shr: 'shl',
  lt: 'gt',
  gt: 'lt',
  and: 'or',
  or: 'and',
};
const OPCODE = /\b(add|sub|mul|shl|shr|lt|gt|and|or)(?=\()/g;

/** The source with comments and strings blanked out, at the same places. */
function codeOnly(source: string): string {
  return source.replaceAll(/\/\/[^\n]*|"[^"\n]*"/g, (text) => ' '.repeat(text.length));
}

/** From where to where the assembly blocks reach. */
function assemblyBlocks(code: string): (readonly [number, number])[] {
  return [...code.matchAll(/\bassembly \([^)]*\) \{|\bassembly \{/g)].map(({ 0: head, index }) => {
    let depth = 1;
    let end = index + head.length;
    for (; depth > 0 && end < code.length; end++) {
      if (code[end] === '{') depth++;
      else if (code[end] === '}') depth--;
    }
    return [index, end] as const;
  });
}

/** All mutants of a formatted Solidity source in which one operator is another. */
export function solidityOperators(source: string): Mutant[] {
  const code = codeOnly(source);
  const blocks = assemblyBlocks(code);
  const inAssembly = (at: number) => blocks.some(([from, to]) => at >= from && at < to);
  const mutants: Mutant[] = [];
  const swap = (at: number, old: string, other: string) => {
    const line = source.slice(0, at).split('\n').length;
    const text = source.split('\n')[line - 1]!.trim();
    mutants.push({
      line,
      dropped: `${old} for ${other} in ${text}`,
      source: source.slice(0, at) + other + source.slice(at + old.length),
    });
  };
  // Operators of one expression share spaces, so the search goes on behind the operator, not behind its space.
  for (let found = OPERATOR.exec(code); found; found = OPERATOR.exec(code)) {
    OPERATOR.lastIndex = found.index + found[1]!.length + 1;
    swap(found.index + 1, found[1]!, SWAPS[found[1]!]!);
  }
  for (const { 1: name, index } of code.matchAll(OPCODE)) {
    if (inAssembly(index)) swap(index, name!, OPCODES[name!]!);
  }
  return mutants.sort((a, b) => a.line - b.line);
}
