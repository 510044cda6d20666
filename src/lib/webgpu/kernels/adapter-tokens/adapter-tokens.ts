// Rows of the embedding and of the head that an adapter has of its own, for the rows of a step to which it is applied: looked up after the
// base's embedding, and multiplied after the base's head. They run only in steps with a row to which such an adapter is applied.

import { constants, defineKernel, type Groups } from '../../kernel.ts';
import { FROM_SLOT, HEADER, ROW, SLOT, stepConstants, type StepParams } from '../../step-state.ts';
import { slotOf, stateFunctions } from '../shared/adapter.ts';
import { appliedWeight, appliedWeightFunction } from '../shared/applied-weight.ts';
import embedSource from './embed-adapter-tokens.wgsl?raw';
import headSource from './head-adapter-tokens.wgsl?raw';

export interface AdapterTokensCall {
  /** How many tokens. */
  count: number;
  hidden: number;
  /** Elements from one row of x or h to the next. */
  stride: number;
  /** Word offset of the adapter. */
  descriptor: number;
}

const THREADS = 64;
const wgsl = (source: string) => (params: StepParams) =>
  [stepConstants(params), constants({ THREADS }), source, stateFunctions, appliedWeightFunction].join('\n');

export function encodeEmbedTokensCall(call: AdapterTokensCall, scale: number): Uint32Array<ArrayBuffer> {
  const words = encodeHeadTokensCall(call, 0);
  new Float32Array(words.buffer)[4] = scale;
  return words;
}

export const encodeHeadTokensCall = (call: AdapterTokensCall, vocab: number): Uint32Array<ArrayBuffer> =>
  new Uint32Array([call.count, call.hidden, call.stride, call.descriptor, vocab, 0, 0, 0]);

export const adapterTokensGroups = (across: number, rows: number): Groups => [Math.ceil(across / THREADS), rows, 1];

export const embedAdapterTokens = defineKernel<StepParams>()({
  name: 'embed-adapter-tokens',
  bindings: { call: 'uniform', ids: 'read', rows: 'read', x: 'write', state: 'read' },
  wgsl: wgsl(embedSource),
  reference({ call, ids, rows, x, state }, params) {
    const [count, hidden, stride, descriptor] = call.u32 as unknown as [number, number, number, number];
    for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
      if (appliedWeight(state, params, row, descriptor) === 0) continue;
      let token = state.u32[params.rowsAt + row * ROW.words + ROW.token]!;
      if (token === FROM_SLOT) token = state.u32[slotOf(state, params, row) + SLOT.token]!;
      const i = ids.u32.subarray(0, count).lastIndexOf(token);
      if (i < 0) continue;
      for (let k = 0; k < hidden; k++) x.f32[row * stride + k] = call.f32[4]! * rows.f32[i * hidden + k]!;
    }
  },
});

export const headAdapterTokens = defineKernel<StepParams>()({
  name: 'head-adapter-tokens',
  bindings: { call: 'uniform', ids: 'read', rows: 'read', h: 'read', logits: 'write', state: 'read' },
  wgsl: wgsl(headSource),
  reference({ call, ids, rows, h, logits, state }, params) {
    const [count, hidden, stride, descriptor, vocab] = call.u32 as unknown as [number, number, number, number, number];
    for (let out = 0; out < state.u32[HEADER.outputs]!; out++) {
      if (appliedWeight(state, params, state.u32[params.outputsAt + out]!, descriptor) === 0) continue;
      for (let i = 0; i < count; i++) {
        let sum = 0;
        for (let k = 0; k < hidden; k++) sum += h.f32[out * stride + k]! * rows.f32[i * hidden + k]!;
        logits.f32[out * vocab + ids.u32[i]!] = sum;
      }
    }
  },
});
