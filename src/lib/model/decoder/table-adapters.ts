// An adapter's own embedding or head, or its LoRA over those of the base. These matrices have a row for each token of the vocabulary,
// too many for the page pool, so each has its own buffers. Their dispatches run only in steps where some row uses the adapter.

import type { DeviceBuffer } from '#lib/webgpu/device.ts';
import {
  addLowRank,
  addLowRankGroups,
  encodeAddLowRankCall,
  type AddLowRankCall,
} from '#lib/webgpu/kernels/add-low-rank/add-low-rank.ts';
import { embed, embedGroups, encodeEmbedCall } from '#lib/webgpu/kernels/embed/embed.ts';
import { padded, type Matrix } from '#lib/webgpu/matrix.ts';
import { HEADER } from '#lib/webgpu/step-state.ts';
import { createPatchStages, type AdapterPatches } from './adapter-patches.ts';
import type { DecoderContext } from './decoder-context.ts';
import { createLinearLayer } from './linear-layer.ts';
import type { PatchPoint, Stage } from './stage.ts';

/** Both matrices with the rank as columns of B and, for the embedding, of A too: [vocab, rank] is looked up by token. */
export interface LowRankTable {
  a: Matrix;
  b: Matrix;
  scale: number;
}

export interface AdapterTables {
  /** Replaces the base's embedding. */
  embedding: Matrix | null;
  embeddingLora: LowRankTable | null;
  headLora: LowRankTable | null;
  patches: AdapterPatches | null;
}

export interface TableStages {
  /** After the base's embedding. */
  afterEmbedding: Stage[];
  /** Behind single parts of the decoder. */
  within: ReadonlyMap<PatchPoint, Stage[]>;
  /** After the base's logits. */
  afterHead: Stage[];
  destroy(): void;
}

/** `descriptor`: word offset by which rows name the adapter. */
export async function createTableStages(
  context: DecoderContext,
  tables: AdapterTables,
  descriptor: number,
): Promise<TableStages> {
  const { device, architecture: a, sizes, step, cache, activations } = context;
  const { state } = cache;
  const owned: DeviceBuffer[] = [];
  const own = (buffer: DeviceBuffer) => owned.push(buffer);
  const buffer = (label: string, bytes: number) => {
    const made = device.createBuffer(label, bytes);
    own(made);
    return made;
  };
  const upload = (label: string, words: Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>) => {
    const made = buffer(label, words.byteLength);
    device.write(made, 0, words);
    return made;
  };
  const call = (words: Uint32Array<ArrayBuffer>) => upload('table adapter call', words);
  const lookUp = async (table: Matrix, x: DeviceBuffer): Promise<Stage[]> => {
    const { dtype, groups } = table;
    const program = await device.program(embed, { ...step, dtype });
    return table.parts.map((part) => {
      const words = call(encodeEmbedCall({ ...part, groups, scale: a.embeddingScale, onlyAdapter: descriptor }));
      const { weights, scales } = part;
      const binding = device.bind(program, { call: words, weights, scales, x, state });
      return { dispatch: ({ rows }) => ({ binding, groups: embedGroups(groups, rows) }) };
    });
  };
  const add = async (
    { b, scale }: LowRankTable,
    z: DeviceBuffer,
    y: DeviceBuffer,
    at: Pick<AddLowRankCall, 'yStride' | 'ofOutputs'>,
  ): Promise<Stage[]> => {
    const program = await device.program(addLowRank, { ...step, dtype: b.dtype });
    return b.parts.map(({ rows, firstRow, weights, scales }) => {
      const words = call(encodeAddLowRankCall({ ...at, rows, firstRow, groups: b.groups, descriptor, scale }));
      const binding = device.bind(program, { call: words, z, weights, scales, y, state });
      return {
        dispatch: (counts) => ({
          binding,
          groups: addLowRankGroups(rows, at.ofOutputs ? counts.outputs : counts.rows),
        }),
      };
    });
  };

  const afterEmbedding: Stage[] = [];
  const afterHead: Stage[] = [];
  const { embedding, embeddingLora, headLora, patches } = tables;
  if (embedding) afterEmbedding.push(...(await lookUp(embedding, activations.embedded)));
  if (embeddingLora) {
    const z = buffer('embedding ranks', sizes.maxRows * embeddingLora.a.groups * 32 * 4);
    afterEmbedding.push(...(await lookUp(embeddingLora.a, z)));
    afterEmbedding.push(
      ...(await add(embeddingLora, z, activations.embedded, { yStride: padded(a.hidden), ofOutputs: false })),
    );
  }
  if (headLora) {
    const yStride = headLora.b.groups * 32;
    const z = buffer('head ranks', sizes.maxOutputs * yStride * 4);
    const { parts } = await createLinearLayer(device, {
      matrix: headLora.a,
      layer: 0,
      firstTarget: 0,
      targets: 0,
      yStride,
      countWord: HEADER.outputs,
      step,
      pool: sizes.poolDtype,
      buffers: { x: activations.h, y: z, z: activations.z, pool: cache.pools[0]!, state },
      own,
      later: null,
    });
    afterHead.push(...parts.map((part): Stage => ({ dispatch: ({ outputs }) => part(outputs, 0) })));
    afterHead.push(...(await add(headLora, z, activations.logits, { yStride: a.vocab, ofOutputs: true })));
  }
  const patched = patches && (await createPatchStages(context, { patches, descriptor, upload }));
  if (patched) {
    afterEmbedding.push(...patched.afterEmbedding);
    afterHead.push(...patched.afterHead);
  }
  return {
    afterEmbedding,
    within: patched?.within ?? new Map<PatchPoint, Stage[]>(),
    afterHead,
    destroy() {
      for (const made of owned) made.destroy();
    },
  };
}
