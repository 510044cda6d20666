// Gradients of golden adapters as PyTorch's automatic differentiation gives them. Of wide models only those of some layers are kept.
// `floors.json` has the greatest relative change of any tensor when each weight moves by one unit in its last place: what f32 can tell.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Folder } from '#lib/core/folder.ts';
import { computeGradients } from '#lib/engine/training/compute-gradients.ts';
import { createMemoryFolder } from '#lib/formats/memory-folder.ts';
import { readSafetensorsHeader, readTensorIndex } from '#lib/formats/model/model-files.ts';
import type { Architecture } from '#lib/model/architecture.ts';
import { readArchitecture } from '#lib/model/config.ts';
import { resolveTensors } from '#lib/model/families/resolve-tensors.ts';
import { readTensor } from '#lib/model/lora.ts';
import { loadWeights, type ModelWeights } from '#lib/model/weights.ts';
import type { Device } from '#lib/webgpu/device.ts';
import type { NamedTensor } from '#lib/model/unpack-adapter.ts';
import type { WeightDtype } from '#lib/core/tensor.ts';
import { adapterPath, modelPath, openFixture, readExpected, readJson } from './fixtures.ts';

const ROOT = fileURLToPath(new URL('../fixtures/gradients/', import.meta.url));
const floors = readJson<Record<string, number>>(join(ROOT, 'floors.json'));

/** Models, each with its adapters. */
export const GRADIENT_CASES = [...Map.groupBy(Object.keys(floors), (name) => name.split('.')[0]!)].map(
  ([model, names]): [string, string[]] => [model, names.map((name) => name.split('.')[1]!)],
);

export interface TestModel {
  device: Device;
  architecture: Architecture;
  weights: ModelWeights;
}

export async function modelIn(device: Device, folder: Folder, dtype: WeightDtype = 'f32'): Promise<TestModel> {
  const architecture = await readArchitecture(folder);
  const tensors = resolveTensors(architecture, await readTensorIndex(folder), folder.name);
  const onBytes = () => undefined;
  const weights = await loadWeights({ device, folder, architecture, tensors, dtype, onBytes });
  return { device, architecture, weights };
}

export interface JudgedGradients {
  loss: number;
  expectedLoss: number;
  /** The greatest error of any tensor, in parts of the floor. */
  worst: number;
}

/** Of all adapters in one pass, each with a row of its own. */
export async function judgedGradients(
  device: Device,
  model: string,
  names: readonly string[],
): Promise<JudgedGradients[]> {
  const { weights, architecture } = await modelIn(device, openFixture(modelPath(model)));
  const { ids, labels, loss } = readExpected(model);
  const adapters = names.map((name) => openFixture(adapterPath(model, name)));
  const examples = names.map((_, adapter) => ({ ids, labels, adapter }));
  const { losses, gradients } = await computeGradients({ device, architecture, weights, adapters, examples });
  weights.destroy();
  return Promise.all(
    names.map(async (name, i) => {
      const worst = await worstError(gradients[i]!, `${model}.${name}`);
      return { loss: losses[i]!, expectedLoss: loss[name]!, worst };
    }),
  );
}

async function worstError(gradients: readonly NamedTensor[], of: string): Promise<number> {
  const file = `${of}.safetensors`;
  const folder = createMemoryFolder('gradients', new Map([[file, new Uint8Array(readFileSync(join(ROOT, file)))]]));
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
    worst = Math.max(worst, Number.isNaN(off) ? Infinity : off / floors[of]!);
  }
  return worst;
}
