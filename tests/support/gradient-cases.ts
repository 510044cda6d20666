// Gradients of golden adapters, judged by those that PyTorch's automatic differentiation gives.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Folder } from '#lib/core/folder.ts';
import { computeGradients } from '#lib/engine/training/compute-gradients.ts';
import { readTensorIndex } from '#lib/formats/model/model-files.ts';
import type { Architecture } from '#lib/model/architecture.ts';
import { readArchitecture } from '#lib/model/config.ts';
import { resolveTensors } from '#lib/model/families/resolve-tensors.ts';
import { loadWeights, type ModelWeights } from '#lib/model/weights.ts';
import type { Device } from '#lib/webgpu/device.ts';
import type { WeightDtype } from '#lib/core/tensor.ts';
import { adapterPath, modelPath, openFixture, readExpected } from './fixtures.ts';
import { GRADIENT_FLOORS, worstGradientError } from './worst-gradient-error.ts';

const ROOT = fileURLToPath(new URL('../fixtures/gradients/', import.meta.url));

/** Models, each with its adapters. */
export const GRADIENT_CASES = [...Map.groupBy(Object.keys(GRADIENT_FLOORS), (name) => name.split('.')[0]!)].map(
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
      const golden = `${model}.${name}`;
      const bytes = new Uint8Array(readFileSync(join(ROOT, `${golden}.safetensors`)));
      const worst = await worstGradientError(gradients[i]!, bytes, golden);
      return { loss: losses[i]!, expectedLoss: loss[name]!, worst };
    }),
  );
}
