// Gradients of golden adapters as PyTorch's automatic differentiation gives them. Of wide models only those of some layers are kept.
// `floors.json` has the greatest relative change of any tensor when each weight moves by one unit in its last place: what f32 can tell.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Folder } from '#lib/core/folder.ts';
import { computeGradients, type Gradients } from '#lib/engine/training/compute-gradients.ts';
import { createMemoryFolder } from '#lib/formats/memory-folder.ts';
import { readSafetensorsHeader, readTensorIndex } from '#lib/formats/model/model-files.ts';
import type { Architecture } from '#lib/model/architecture.ts';
import { readArchitecture } from '#lib/model/config.ts';
import { resolveTensors } from '#lib/model/families/resolve-tensors.ts';
import { readTensor } from '#lib/model/lora.ts';
import { loadWeights, type ModelWeights } from '#lib/model/weights.ts';
import type { Device } from '#lib/webgpu/device.ts';
import { adapterPath, modelPath, openFixture, readExpected, readJson } from './fixtures.ts';

const ROOT = fileURLToPath(new URL('../fixtures/gradients/', import.meta.url));
const floors = readJson<Record<string, number>>(join(ROOT, 'floors.json'));

/** Model and adapter. */
export const GRADIENT_CASES = Object.keys(floors).map((name) => name.split('.') as [string, string]);

export interface TestModel {
  device: Device;
  architecture: Architecture;
  weights: ModelWeights;
}

export async function modelIn(device: Device, folder: Folder): Promise<TestModel> {
  const architecture = await readArchitecture(folder);
  const tensors = resolveTensors(architecture, await readTensorIndex(folder), folder.name);
  const onBytes = () => undefined;
  const weights = await loadWeights({ device, folder, architecture, tensors, dtype: 'f32', onBytes });
  return { device, architecture, weights };
}

export interface JudgedGradients extends Gradients {
  /** The greatest error of any tensor, in parts of the floor. */
  worst: number;
  expectedLoss: number;
}

export async function judgedGradients(device: Device, model: string, adapter: string): Promise<JudgedGradients> {
  const { weights, architecture } = await modelIn(device, openFixture(modelPath(model)));
  const { ids, labels, loss } = readExpected(model);
  const adapters = [openFixture(adapterPath(model, adapter))];
  const examples = [{ ids, labels, adapter: 0 }];
  const result = await computeGradients({ device, architecture, weights, adapters, examples });
  weights.destroy();
  const file = `${model}.${adapter}.safetensors`;
  const folder = createMemoryFolder('gradients', new Map([[file, new Uint8Array(readFileSync(join(ROOT, file)))]]));
  let worst = 0;
  for (const entry of (await readSafetensorsHeader(folder, file)).tensors) {
    const wanted = await readTensor(folder, entry);
    // In a file PEFT names magnitudes without the last part.
    const name = entry.name.replace(/(lora_magnitude_vector)[.]weight$/, '$1');
    const got = result.gradients[0]!.find((tensor) => tensor.name === name);
    if (got?.shape.join() !== entry.shape.join()) throw new Error(`${entry.name}: ${got?.shape.join() ?? 'missing'}`);
    const greatest = wanted.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
    const off = wanted.reduce((most, value, i) => Math.max(most, Math.abs(value - got.values[i]!)), 0) / greatest;
    worst = Math.max(worst, Number.isNaN(off) ? Infinity : off / floors[`${model}.${adapter}`]!);
  }
  return { ...result, worst, expectedLoss: loss[adapter]! };
}
