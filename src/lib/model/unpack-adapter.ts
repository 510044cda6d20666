// Pages of the pool back as the tensors that PEFT writes: the reverse of `packAdapter`. Rows of a fused module come together again.

import type { AdaptedMatrix } from '#lib/formats/model/adapter-module.ts';
import type { AdapterPlan } from '#lib/formats/model/adapter.ts';
import type { TensorRows } from '#lib/formats/model/slice-rows.ts';
import { roundRank, rowsPerPage } from '#lib/webgpu/step-state.ts';
import { joinVectors } from './join-vectors.ts';
import type { PackedAdapter } from './lora.ts';

export interface NamedTensor {
  name: string;
  shape: number[];
  values: Float32Array<ArrayBuffer>;
}

export interface UnpackOptions {
  plan: Pick<AdapterPlan, 'matrices'>;
  packed: Pick<PackedAdapter, 'places' | 'targets'>;
  pageElements: number;
  /** By layer: the pages of the adapter, one behind the other, in f32. */
  slabs: readonly Float32Array[];
  /** What values of B are multiplied by. */
  factorOfB(matrix: AdaptedMatrix): number;
}

export function unpackAdapter(options: UnpackOptions): NamedTensor[] {
  const { plan, packed, pageElements, slabs, factorOfB } = options;
  const parts = new Map<string, Part[]>();
  const add = (rows: TensorRows, values: Float32Array<ArrayBuffer>) =>
    void parts.set(rows.name, [...(parts.get(rows.name) ?? []), ...partsOf(rows, values)]);
  for (const matrix of plan.matrices) {
    const { layer, rank, a, b } = matrix;
    const { index, input, output } = matrix.target;
    const { first, rank: greatest } = packed.targets[index]!;
    const slab = slabs[layer]!;
    const at = (place: number) => {
      const { page, element } = packed.places[place]!;
      return page * pageElements + element;
    };
    // Projections of one module have one A.
    if (!parts.has(a.name)) {
      add(a, joinVectors(Array.from({ length: rank }, (_, r) => slab.slice(at(first + r), at(first + r) + input))));
    }
    const rows = rowsPerPage(greatest, pageElements);
    const factor = factorOfB(matrix);
    const values = new Float32Array(output * rank);
    for (let n = 0; n < output; n++) {
      const row = at(first + greatest + 1 + Math.floor(n / rows)) + (n % rows) * roundRank(greatest);
      for (let r = 0; r < rank; r++) values[n * rank + r] = slab[row + r]! * factor;
    }
    add(b, values);
    if (matrix.magnitude) add(matrix.magnitude, slab.slice(at(first + greatest), at(first + greatest) + output));
  }
  return [...parts].map(([name, all]) => {
    const inOrder = all.toSorted((x, y) => x.start - y.start);
    const rows = inOrder.reduce((sum, { shape }) => sum + shape[0]!, 0);
    return { name, shape: [rows, ...all[0]!.shape.slice(1)], values: joinVectors(inOrder.map(({ values }) => values)) };
  });
}

interface Part {
  /** In the file that the tensor was read from: the order of its rows. */
  start: number;
  shape: number[];
  values: Float32Array<ArrayBuffer>;
}

function partsOf(rows: TensorRows, values: Float32Array<ArrayBuffer>): Part[] {
  let next = 0;
  return (rows.pieces ?? [rows]).map(({ start, shape }) => {
    const length = shape.reduce((product, size) => product * size, 1);
    return { start, shape, values: values.slice(next, (next += length)) };
  });
}
