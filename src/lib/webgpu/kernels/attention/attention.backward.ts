// The gradient of attention. The attention weights are not stored: scores are computed again from queries and cached keys. There are two
// kernels, so that no sum needs atomics: one writes the gradient of queries and the log-sum-exp of each row and head, the other the
// gradients of keys and values. They need a cache of f32, and sequences whose rows lie together and begin at position 0.

import type { Device } from '../../device.ts';
import { constants, defineKernel, type Groups } from '../../kernel.ts';
import { padded } from '../../matrix.ts';
import { stepConstants, type StepParams } from '../../step-state.ts';
import { stateFunctions } from '../shared/adapter.ts';
import { alibiFunction } from './alibi.ts';
import keysSource from './attention-keys.backward.wgsl?raw';
import queriesSource from './attention-queries.backward.wgsl?raw';
import { attentionKeysReference, attentionQueriesReference } from './attention.backward.reference.ts';
import source from './attention.backward.wgsl?raw';
import type { AttentionParams } from './attention.ts';

/** `headDim`: a multiple of 4. */
export type AttentionBackwardParams = StepParams &
  Pick<AttentionParams, 'heads' | 'kvHeads' | 'headDim' | 'scale' | 'softcap' | 'alibi' | 'valuesAt' | 'threads'>;

export type AttentionKeysBackwardParams = AttentionBackwardParams & {
  /** To what `dheads` holds, where layers share keys and values; otherwise that is overwritten. */
  adds: boolean;
};

/** Rows of a workgroup: a score of each is one element of a vector. */
const ROWS = 4;

/** Each thread takes four keys or rows of a tile: few threads, so that short sequences fill one. */
export const attentionBackwardThreads = ({ software }: Pick<Device, 'software'>): number => (software ? 8 : 32);

/** `heads`: of the queries, or of keys and values. */
export const attentionBackwardGroups = (heads: number, rows: number): Groups => [heads, Math.ceil(rows / ROWS), 1];

const kernelText = (params: AttentionBackwardParams, own: string): string =>
  [
    stepConstants(params),
    constants({
      THREADS: params.threads,
      HEADS: params.heads,
      KV_HEADS: params.kvHeads,
      HEAD_DIM: params.headDim,
      SCALE_F: params.scale,
      SOFTCAP: params.softcap > 0 ? 1 : 0,
      SOFTCAP_F: params.softcap || 1,
      ALIBI: +(params.alibi !== 'none'),
      VALUES_AT: params.valuesAt / 2,
      O_STRIDE: padded(params.heads * params.headDim),
    }),
    stateFunctions,
    alibiFunction(params.alibi, params.heads),
    source,
    own,
  ].join('\n');

/**
 * Called as `attention` is; `o` and its gradient `dout` lie as `o` there. `dheads` has the heads of q, k and v of each row, without a gap;
 * this half writes those of q. `stats`: of each row and head the log of its softmax's sum, and dout . o.
 */
export const attentionQueriesBackward = defineKernel<AttentionBackwardParams>()({
  name: 'attention-queries-backward',
  bindings: {
    call: 'uniform',
    q: 'read',
    kv: 'read',
    o: 'read',
    dout: 'read',
    stats: 'write',
    dheads: 'write',
    state: 'read',
  },
  wgsl: (params) => kernelText(params, queriesSource),
  reference: attentionQueriesReference,
});

/** Runs behind the half of the queries; writes the heads of k and v. */
export const attentionKeysBackward = defineKernel<AttentionKeysBackwardParams>()({
  name: 'attention-keys-backward',
  bindings: { call: 'uniform', q: 'read', kv: 'read', dout: 'read', stats: 'read', dheads: 'write', state: 'read' },
  wgsl: (params) => [constants({ ADDS: +params.adds }), kernelText(params, keysSource)].join('\n'),
  reference: attentionKeysReference,
});
