// The error of a golden adapter's gradients, in parts of what f32 can tell. Of wide models only the gradients of some layers are kept.

import { createMemoryFolder } from '#lib/formats/memory-folder.ts';
import { readSafetensorsHeader } from '#lib/formats/model/model-files.ts';
import { readTensor } from '#lib/model/lora.ts';
import type { NamedTensor } from '#lib/model/unpack-adapter.ts';
import floors from '../fixtures/gradients/floors.json';

/** By case: the greatest relative change of any tensor when each weight moves by one unit in its last place. */
export const GRADIENT_FLOORS: Readonly<Record<string, number>> = floors;

/** `golden`: the file of the case. @returns the greatest error of any tensor, in parts of the floor */
export async function worstGradientError(
  gradients: readonly NamedTensor[],
  golden: Uint8Array<ArrayBuffer>,
  of: string,
): Promise<number> {
  const file = `${of}.safetensors`;
  const folder = createMemoryFolder('gradients', new Map([[file, golden]]));
  let worst = 0;
  for (const entry of (await readSafetensorsHeader(folder, file)).tensors) {
    const wanted = await readTensor(folder, entry);
    // In a file PEFT names magnitudes without the last part. Of tables the first rows are kept.
    const name = entry.name.replace(/(lora_magnitude_vector)[.]weight$/, '$1').replace(/:first$/, '');
    const got = gradients.find((tensor) => tensor.name === name);
    const shape = entry.name === `${name}:first` ? [entry.shape[0], ...(got?.shape.slice(1) ?? [])] : got?.shape;
    if (!got || shape?.join() !== entry.shape.join())
      throw new Error(`${entry.name}: ${got?.shape.join() ?? 'missing'}`);
    const greatest = wanted.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
    const off = wanted.reduce((most, value, i) => Math.max(most, Math.abs(value - got.values[i]!)), 0) / greatest;
    worst = Math.max(worst, Number.isNaN(off) ? Infinity : off / GRADIENT_FLOORS[of]!);
  }
  return worst;
}
