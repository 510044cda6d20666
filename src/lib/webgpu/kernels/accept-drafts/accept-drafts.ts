// Of the tokens proposed for a sequence, keeps those that the model sampled itself. A sequence's rows are consecutive outputs: first
// the row that runs its last token, then a row for each proposed token, each at the position that it would have.

import { constants, type Groups, defineKernel } from '../../kernel.ts';
import { HEADER, ROW, SLOT, stepConstants, type StepParams } from '../../step-state.ts';
import { RESULT } from '../sample/sample-result.ts';
import { positionOf, slotOf, stateFunctions } from '../shared/adapter.ts';
import source from './accept-drafts.wgsl?raw';

const THREADS = 32;

export const acceptDraftsGroups = (outputs: number): Groups => [Math.ceil(outputs / THREADS), 1, 1];

export const acceptDrafts = defineKernel<StepParams>()({
  name: 'accept-drafts',
  bindings: { results: 'read', state: 'write' },
  wgsl: (params) =>
    [stepConstants(params), constants({ THREADS, RESULT_WORDS: RESULT.words }), source, stateFunctions].join('\n'),
  reference({ results, state }, params) {
    const words = state.u32;
    const rowAt = (out: number) => words[params.outputsAt + out]!;
    const outputs = words[HEADER.outputs]!;
    for (let first = 0; first < outputs;) {
      const slot = slotOf(state, params, rowAt(first));
      let position = positionOf(state, params, rowAt(first));
      let end = first + 1;
      let last = first;
      for (; end < outputs && slotOf(state, params, rowAt(end)) === slot; end++) {
        const row = params.rowsAt + rowAt(end) * ROW.words;
        const isNext = words[row + ROW.position] === position + 1;
        if (last !== end - 1 || !isNext || words[row + ROW.token] !== results.u32[last * RESULT.words]) continue;
        last = end;
        position++;
      }
      words[slot + SLOT.token] = results.u32[last * RESULT.words + RESULT.token]!;
      words[slot + SLOT.position] = position + 1;
      first = end;
    }
  },
});
