// How much GPU memory a load would take, from config.json and the headers of the weights alone: the same code allocates, on a
// device that only counts.

import type { Folder } from '#lib/core/folder.ts';
import type { WeightDtype } from '#lib/core/tensor.ts';
import { openTensors } from '#lib/formats/model/open-tensors.ts';
import { readArchitecture } from '#lib/model/config.ts';
import { resolveTensors } from '#lib/model/families/resolve-tensors.ts';
import { openModelFolder } from '#lib/model/sources/open-model.ts';
import { createMeasuringDevice, type MeasuringDevice } from '#lib/webgpu/measuring-device.ts';
import type { EngineStats, LoadRequest } from './engine.ts';
import { rehearseLoad, type ModelPlan } from './rehearse-load.ts';
import { sessionSizes } from './session-sizes.ts';

export interface LoadPrediction {
  dtype: WeightDtype;
  contextLength: number;
  /** As `EngineStats` would say after the load. */
  gpuBytes: EngineStats['gpuBytes'];
  totalBytes: number;
  /** A buffer larger than the device allows; null where all fit. */
  refused: MeasuringDevice['refused'];
}

/** Reads no weights. Of a tied model whose files hold both tables, the two are taken to be equal, as they are nearly always. */
export async function readModelPlan(given: Folder, signal?: AbortSignal): Promise<ModelPlan> {
  const model = await openModelFolder(given, signal);
  const architecture = await readArchitecture(model);
  const { folder, index } = await openTensors(model, signal);
  const tensors = resolveTensors(architecture, index, folder.name);
  return { folder, architecture, tensors: architecture.tiedHead ? { ...tensors, head: null } : tensors };
}

export async function predictLoad(
  plan: ModelPlan,
  request: Omit<LoadRequest, 'model'>,
  limits: { maxBindingBytes: number },
): Promise<LoadPrediction> {
  const { dtype } = request;
  const device = createMeasuringDevice(limits);
  const sizes = sessionSizes(plan.architecture, request, limits);
  const { weights, transformer } = await rehearseLoad(device, plan, dtype, sizes);
  const { kvBytes: kv, poolBytes: adapters } = transformer;
  const totalBytes = device.counters.bufferBytes;
  const gpuBytes = { weights: weights.bytes, kv, adapters, other: totalBytes - weights.bytes - kv - adapters };
  return { dtype, contextLength: sizes.contextLength, gpuBytes, totalBytes, refused: device.refused };
}
