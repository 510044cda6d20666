// Where the weights of two adapters differ first, and by how much.

import type { AdapterFiles } from '#lib/engine/training/training-host.ts';
import { ADAPTER_WEIGHTS } from '#lib/formats/model/adapter.ts';
import { parseSafetensors } from '#lib/formats/model/safetensors.ts';

export interface Difference {
  tensor: string;
  /** Of the first element that differs, in the order of the file. */
  element: number;
  expected: number;
  found: number;
  /** Norm of the difference of all weights, relative to that of the expected ones. */
  relative: number;
}

/** Both have the same tensors, in f32; null where all are equal. */
export function compareAdapters(expected: AdapterFiles, found: AdapterFiles): Difference | null {
  const [one, other] = [weightsOf(expected), weightsOf(found)];
  let first: Omit<Difference, 'relative'> | null = null;
  let [square, whole] = [0, 0];
  for (const [tensor, values] of one) {
    const mine = other.get(tensor)!;
    values.forEach((value, element) => {
      const own = mine[element]!;
      if (own !== value) first ??= { tensor, element, expected: value, found: own };
      square += (own - value) ** 2;
      whole += value ** 2;
    });
  }
  return first && { ...(first as Omit<Difference, 'relative'>), relative: Math.sqrt(square / Math.max(whole, 1e-30)) };
}

function weightsOf({ name, files }: AdapterFiles): Map<string, Float32Array> {
  const { bytes } = files.find(({ path }) => path === ADAPTER_WEIGHTS)!;
  const { tensors } = parseSafetensors(bytes, bytes.length, name);
  return new Map(
    tensors.map((tensor) => [tensor.name, new Float32Array(bytes.slice(tensor.start, tensor.end).buffer)]),
  );
}
