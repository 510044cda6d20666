// What a request may not say, must say, or shall rather say: one bias for every token of an output row, from the tokens so far.
// The kernel keeps the tokens of each constrained sequence itself, since the host learns of them a few steps late.

import { constants, defineKernel, type Groups } from '../../kernel.ts';
import { FROM_SLOT, SLOT, stepConstants } from '../../step-state.ts';
import { stateFunctions } from '../shared/adapter.ts';
import { BANNED, CONSTRAINT_WORDS, FORCED, LIST, SEQUENCE, type ConstrainParams } from './constraint-words.ts';
import { constrainReference } from './constrain.reference.ts';
import source from './constrain.wgsl?raw';

/** Of one request, by numbers of tokens. */
export interface Constraint {
  /** With so many tokens the first of the answer is chosen. */
  beginAt: number;
  /** No sequence of so many tokens comes twice; 0: they may. */
  ngram: number;
  /** With fewer tokens no stop token is chosen. */
  minLength: number;
  /** With so many tokens the forced last one comes; 0: never. */
  forcedAt: number;
}

/** Of one model, for all requests. */
export interface ConstraintLists {
  suppress: readonly number[];
  beginSuppress: readonly number[];
  stop: readonly number[];
  forcedBos: readonly number[];
  forcedEos: readonly number[];
  badWords: readonly (readonly number[])[];
  biases: readonly { ids: readonly number[]; bias: number }[];
}

export const encodeConstraint = ({ beginAt, ngram, minLength, forcedAt }: Constraint): Uint32Array<ArrayBuffer> =>
  new Uint32Array([beginAt, ngram, minLength, forcedAt]);

/** The lists as words; sequences with the same last token stand together, so that one thread adds up their biases. */
export function encodeLists(lists: ConstraintLists): Uint32Array<ArrayBuffer> {
  const sequences = [
    lists.badWords.map((ids) => ({ ids, bias: BANNED })),
    // A sum of biases is short of a ban only where none of them is one.
    [...lists.biases].map(({ ids, bias }) => ({ ids, bias: Math.max(bias, BANNED) })),
  ].map((list) => list.sort((a, b) => a.ids.at(-1)! - b.ids.at(-1)! || +(a.ids.length > 1) - +(b.ids.length > 1)));
  const plain = [lists.suppress, lists.beginSuppress, lists.stop, lists.forcedBos, lists.forcedEos];
  const words: number[] = new Array<number>(LIST.words).fill(0);
  plain.forEach((ids, i) => {
    words[2 * i] = words.length;
    words[2 * i + 1] = ids.length;
    words.push(...ids);
  });
  const bits = (value: number) => new Uint32Array(new Float32Array([value]).buffer)[0]!;
  sequences.forEach((list, i) => {
    const at = words.length;
    words[LIST.badWords + 2 * i] = at;
    words[LIST.badWords + 2 * i + 1] = list.length;
    let prefix = at + list.length * SEQUENCE.words;
    list.forEach(({ ids, bias }, n) => {
      words.push(prefix, ids.length - 1, ids.at(-1)!, bits(bias), +(list[n + 1]?.ids.at(-1) === ids.at(-1)));
      prefix += ids.length - 1;
    });
    for (const { ids } of list) words.push(...ids.slice(0, -1));
  });
  return Uint32Array.from(words);
}

export const constrainGroups = (outputs: number): Groups => [outputs, 1, 1];

export const constrain = defineKernel<ConstrainParams>()({
  name: 'constrain',
  bindings: { lists: 'read', constraints: 'read', state: 'read', history: 'write', bias: 'write' },
  wgsl: (params) =>
    [
      stepConstants(params),
      constants({
        THREADS: params.threads,
        VOCAB: params.vocab,
        CONTEXT: params.contextLength,
        SLOT_CONSTRAINED: SLOT.constrained,
        CONSTRAINT_WORDS,
        LIST_SUPPRESS: LIST.suppress,
        LIST_BEGIN: LIST.begin,
        LIST_STOP: LIST.stop,
        LIST_FORCED_BOS: LIST.forcedBos,
        LIST_FORCED_EOS: LIST.forcedEos,
        LIST_BAD_WORDS: LIST.badWords,
        LIST_BIASES: LIST.biases,
        SEQUENCE_WORDS: SEQUENCE.words,
        TOKEN_FROM_SLOT: FROM_SLOT,
      }),
      `const BANNED = f32(${BANNED});\nconst FORCED = f32(${FORCED});`,
      stateFunctions,
      source,
    ].join('\n'),
  reference: constrainReference,
});
