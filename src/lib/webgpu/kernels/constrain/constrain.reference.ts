// The constraints of a row the plain way: a list of tokens, and an array of biases.

import type { Memory } from '../../kernel.ts';
import { FROM_SLOT, HEADER, ROW, SLOT } from '../../step-state.ts';
import { positionOf, slotOf } from '../shared/adapter.ts';
import { BANNED, CONSTRAINT_WORDS, FORCED, LIST, SEQUENCE, type ConstrainParams } from './constraint-words.ts';

type Bindings = Record<'lists' | 'constraints' | 'state' | 'history' | 'bias', Memory>;

export function constrainReference(memory: Bindings, params: ConstrainParams): void {
  const { lists, constraints, state, history, bias } = memory;
  const { vocab, contextLength } = params;
  const list = (at: number) => lists.u32.subarray(lists.u32[at], lists.u32[at]! + lists.u32[at + 1]!);
  const sequences = (at: number) =>
    Array.from({ length: lists.u32[at + 1]! }, (_, i) => {
      const entry = lists.u32[at]! + i * SEQUENCE.words;
      const prefix = lists.u32[entry + SEQUENCE.prefix]!;
      return {
        before: lists.u32.subarray(prefix, prefix + lists.u32[entry + SEQUENCE.length]!),
        last: lists.u32[entry + SEQUENCE.last]!,
        bias: lists.f32[entry + SEQUENCE.bias]!,
      };
    });
  for (let out = 0; out < state.u32[HEADER.outputs]!; out++) {
    const row = state.u32[params.outputsAt + out]!;
    const slot = slotOf(state, params, row);
    if (state.u32[slot + SLOT.constrained] === 0) continue;
    const index = state.u32[params.rowsAt + row * ROW.words + ROW.slot]!;
    const [beginAt, ngram, minLength, forcedAt] = constraints.u32.subarray(index * CONSTRAINT_WORDS) as unknown as [
      number,
      number,
      number,
      number,
    ];
    const position = positionOf(state, params, row);
    let token = state.u32[params.rowsAt + row * ROW.words + ROW.token]!;
    if (token === FROM_SLOT) token = state.u32[slot + SLOT.token]!;
    history.u32[index * contextLength + position] = token;
    const length = position + 1;
    const tokens = Array.from(history.u32.subarray(index * contextLength, index * contextLength + length));
    const of = bias.f32.subarray(out * vocab, (out + 1) * vocab);
    const endsWith = (before: Uint32Array) =>
      before.length <= length && before.every((id, i) => tokens[length - before.length + i] === id);

    const eos = list(LIST.forcedEos);
    const bos = list(LIST.forcedBos);
    const forced = length === forcedAt && eos.length > 0 ? eos : length === 1 && bos.length > 0 ? bos : null;
    of.fill(forced ? BANNED : 0);
    if (forced) {
      for (const id of forced) of[id] = FORCED;
    } else {
      for (const { before, last, bias: value } of sequences(LIST.biases)) {
        if (endsWith(before)) of[last] = Math.min(value, of[last]!) <= BANNED / 2 ? BANNED : of[last]! + value;
      }
      for (const { before, last } of sequences(LIST.badWords)) if (endsWith(before)) of[last] = BANNED;
      if (ngram > 0) {
        const suffix = ngram === 1 ? '' : tokens.slice(1 - ngram).join();
        for (let i = 0; i + ngram <= length; i++) {
          if (tokens.slice(i, i + ngram - 1).join() === suffix) of[tokens[i + ngram - 1]!] = BANNED;
        }
      }
      if (length < minLength) for (const id of list(LIST.stop)) of[id] = BANNED;
    }
    for (const id of list(LIST.suppress)) of[id] = BANNED;
    if (length === beginAt) for (const id of list(LIST.begin)) of[id] = BANNED;
  }
}
