// Norms, biases and single token rows that an adapter brings. Each is one dispatch directly after the dispatch of the base that it
// corrects, and runs only in steps where some row uses the adapter.

import type { DeviceBuffer } from '#lib/webgpu/device.ts';
import {
  adapterBias,
  adapterBiasGroups,
  encodeAdapterBiasCall,
} from '#lib/webgpu/kernels/adapter-bias/adapter-bias.ts';
import {
  encodeAdapterNormCall,
  adapterNorm,
  adapterNormGroups,
} from '#lib/webgpu/kernels/adapter-norm/adapter-norm.ts';
import {
  embedAdapterTokens,
  encodeEmbedTokensCall,
  encodeHeadTokensCall,
  headAdapterTokens,
  adapterTokensGroups,
} from '#lib/webgpu/kernels/adapter-tokens/adapter-tokens.ts';
import { padded } from '#lib/webgpu/matrix.ts';
import { atLayer } from '../at-layer.ts';
import { stacksOf } from '../projections.ts';
import type { DecoderContext } from './decoder-context.ts';
import type { PatchPoint, Stage } from './stage.ts';

export interface TokenRows {
  /** Each once. */
  ids: Uint32Array<ArrayBuffer>;
  /** [ids, hidden] */
  rows: Float32Array<ArrayBuffer>;
}

export interface AdapterPatches {
  /** Added to a row of what a matrix gives, from element `first` on. */
  biases: { point: PatchPoint; first: number; values: Float32Array }[];
  /** Weights in place of the base's. */
  norms: { point: PatchPoint; values: Float32Array }[];
  embedding: TokenRows | null;
  head: TokenRows | null;
}

/** True where something is replaced, not added: that can neither be scaled nor blended. */
export const replacesParts = ({ norms, embedding, head }: AdapterPatches): boolean =>
  norms.length > 0 || embedding !== null || head !== null;

export interface PatchStages {
  afterEmbedding: Stage[];
  within: ReadonlyMap<PatchPoint, Stage[]>;
  afterHead: Stage[];
}

export interface PatchStagesOptions {
  patches: AdapterPatches;
  descriptor: number;
  /** A buffer with these words, freed with the adapter. */
  upload(label: string, words: Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>): DeviceBuffer;
}

export async function createPatchStages(context: DecoderContext, options: PatchStagesOptions): Promise<PatchStages> {
  const { device, architecture: a, step, cache, activations } = context;
  const { patches, descriptor, upload } = options;
  const { x, h, embedded, logits } = activations;
  const { state } = cache;
  const { biases, norms } = patches;
  const within = new Map<PatchPoint, Stage[]>();
  const put = (point: PatchPoint, stage: Stage) => within.set(point, [...(within.get(point) ?? []), stage]);

  const vectors = [...biases, ...norms].map(({ values }) => values);
  const starts = vectors.map((_, i) => vectors.slice(0, i).reduce((sum, { length }) => sum + length, 0));
  const all = new Float32Array(vectors.reduce((sum, { length }) => sum + length, 0));
  vectors.forEach((vector, i) => all.set(vector, starts[i]));
  const values = vectors.length > 0 ? upload('adapter vectors', all) : null;

  const outputOf = (point: PatchPoint): { y: DeviceBuffer; yStride: number } => {
    const stacks = stacksOf(atLayer(a, Number(point.split(' ')[1] ?? 0)));
    if (point.startsWith('qkv')) return { y: activations.qkv, yStride: stacks.qkv.rows };
    if (point.startsWith('qB')) return { y: activations.latent!.queries, yStride: stacks.qB.rows };
    if (point.startsWith('kvB')) return { y: activations.latent!.keysAndValues, yStride: stacks.kvB.rows };
    if (point.startsWith('gateUp')) return { y: activations.gateUp, yStride: stacks.gateUp.rows };
    if (point.startsWith('sharedGateUp')) return { y: activations.gateUp, yStride: stacks.sharedGateUp.rows };
    if (point.startsWith('inputProjection')) return { y: activations.layerInputs!.projected, yStride: a.layerInput! };
    if (point.startsWith('inputGate')) return { y: activations.gateUp, yStride: a.layerInput! };
    if (point.startsWith('convIn')) return { y: activations.qkv, yStride: stacks.convIn.rows };
    return { y: activations.branch, yStride: padded(a.hidden) };
  };
  for (const [i, { point, first, values: of }] of biases.entries()) {
    const { length } = of;
    const { y, yStride } = outputOf(point);
    const call = upload(
      'adapter bias call',
      encodeAdapterBiasCall({ at: starts[i]!, length, first, yStride, descriptor }),
    );
    const binding = device.bind(await device.program(adapterBias, step), { call, values: values!, y, state });
    put(point, { dispatch: ({ rows }) => ({ binding, groups: adapterBiasGroups(length, rows) }) });
  }
  for (const [i, { point }] of norms.entries()) {
    const ofOutputs = point === 'finalNorm';
    const at = starts[biases.length + i]!;
    const call = upload('adapter norm call', encodeAdapterNormCall({ at, descriptor, ofOutputs }));
    const program = await device.program(adapterNorm, { ...step, hidden: a.hidden, eps: a.normEps });
    const binding = device.bind(program, { call, values: values!, x, h, state });
    put(point, {
      dispatch: ({ rows, outputs }) => ({ binding, groups: adapterNormGroups(ofOutputs ? outputs : rows) }),
    });
  }

  const tokens = ({ ids, rows }: TokenRows) => ({
    call: { count: ids.length, hidden: a.hidden, stride: padded(a.hidden), descriptor },
    ids: upload('adapter tokens', ids),
    rows: upload('rows of adapter tokens', rows),
  });
  const afterEmbedding: Stage[] = [];
  const afterHead: Stage[] = [];
  if (patches.embedding) {
    const { call: of, ...bound } = tokens(patches.embedding);
    const call = upload('adapter tokens call', encodeEmbedTokensCall(of, a.embeddingScale));
    const binding = device.bind(await device.program(embedAdapterTokens, step), { ...bound, call, x: embedded, state });
    afterEmbedding.push({ dispatch: ({ rows }) => ({ binding, groups: adapterTokensGroups(a.hidden, rows) }) });
  }
  if (patches.head) {
    const { call: of, ...bound } = tokens(patches.head);
    const call = upload('adapter tokens call', encodeHeadTokensCall(of, a.vocab));
    const binding = device.bind(await device.program(headAdapterTokens, step), { ...bound, call, h, logits, state });
    afterHead.push({ dispatch: ({ outputs }) => ({ binding, groups: adapterTokensGroups(of.count, outputs) }) });
  }
  return { afterEmbedding, within, afterHead };
}
