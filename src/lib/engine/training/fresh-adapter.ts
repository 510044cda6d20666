// An adapter before its first step, as the files of a PEFT folder. A is random as PEFT draws it, from a seed; B is zero; magnitudes of
// DoRA are the norms of the base's rows. So it changes no answer.

import { createRng } from '#lib/core/rng.ts';
import { ADAPTER_CONFIG } from '#lib/formats/model/adapter-config.ts';
import { ADAPTER_WEIGHTS } from '#lib/formats/model/adapter.ts';
import { encodeSafetensors } from '#lib/formats/model/safetensors.ts';
import { fusedRows } from '#lib/formats/model/slice-rows.ts';
import { adaptableBase, type ModelBase } from '#lib/model/adaptable-base.ts';
import { MAX_RANK_WIDTH } from '#lib/model/decoder/activations.ts';
import { plainPeftConfig } from '#lib/model/exports/plain-peft-config.ts';
import { chosenModules, type ChosenModule } from './chosen-modules.ts';
import { TrainingRequestError } from './errors.ts';
import { measureRowNorms, type BaseWeights } from './measure-row-norms.ts';
import type { AdapterFiles, FreshAdapter } from './training-host.ts';

export interface FreshAdapterBase extends BaseWeights {
  /** What stands before the list of layers in the names of modules. */
  prefix: string;
  /** What the files name as the base model. */
  baseName: string;
}

/** @throws TrainingRequestError */
export async function freshAdapter(request: FreshAdapter, of: FreshAdapterBase): Promise<AdapterFiles> {
  checkFresh(request);
  const { name, kind, rank, seed } = request;
  const base = adaptableBase(of.architecture);
  const modules = chosenModules(request, base);
  const norms = kind === 'dora' ? await measureRowNorms(of, modules) : null;
  const random = createRng(seed);
  const tensors = modules.flatMap(({ layer, module, projections }, i) => {
    const path = `base_model.model.${of.prefix}${base.layerList}.${layer}.${module}`;
    const { input } = projections[0]!;
    const outputs = projections.map(({ output }) => output);
    const rows = outputs.reduce((sum, output) => sum + output, 0);
    const bound = 1 / Math.sqrt(input);
    // Kaiming's uniform bound, sqrt(6 / ((1 + 5) · inputs)), with the slope of sqrt(5) that PEFT gives it.
    const a = Float32Array.from({ length: rank * input }, () => (2 * random.uniform() - 1) * bound);
    const magnitudes = norms && storedRows(norms[i]!, outputs, base.fusedGroups);
    return [
      tensor(`${path}.lora_A.weight`, [rank, input], a),
      tensor(`${path}.lora_B.weight`, [rows, rank], new Float32Array(rows * rank)),
      ...(magnitudes ? [tensor(`${path}.lora_magnitude_vector`, [rows], magnitudes)] : []),
    ];
  });
  const config = freshConfig(request, of, base, modules);
  return {
    name,
    files: [
      { path: ADAPTER_CONFIG, bytes: new TextEncoder().encode(`${JSON.stringify(config, null, 2)}\n`) },
      { path: ADAPTER_WEIGHTS, bytes: encodeSafetensors(tensors) },
    ],
  };
}

const tensor = (name: string, shape: number[], data: Float32Array) => ({ name, dtype: 'F32' as const, shape, data });

/** Values of each projection in the order of the rows of their module. */
function storedRows(parts: readonly Float32Array[], outputs: readonly number[], groups: number): Float32Array {
  const rows = new Float32Array(outputs.reduce((sum, output) => sum + output, 0));
  fusedRows(outputs, groups).forEach((ranges, i) => {
    let next = 0;
    for (const { first, count } of ranges) rows.set(parts[i]!.subarray(next, (next += count)), first);
  });
  return rows;
}

/**
 * Modules are named as they stand in a layer. A model with parts for pictures may have modules of these names elsewhere, so there each is
 * named by its whole path.
 */
function freshConfig(
  { kind, rank, alpha, layers }: FreshAdapter,
  { prefix, baseName }: FreshAdapterBase,
  base: ModelBase,
  modules: readonly ChosenModule[],
) {
  const isPart = prefix === 'model.language_model.';
  const named = isPart
    ? modules.map(({ layer, module }) => `${prefix}${base.layerList}.${layer}.${module}`)
    : [...new Set(modules.map(({ module }) => module))];
  return {
    ...plainPeftConfig(base.isTransposed, kind),
    base_model_name_or_path: baseName,
    r: rank,
    lora_alpha: alpha,
    target_modules: named,
    layers_to_transform: layers && !isPart ? [...new Set(layers)].sort((x, y) => x - y) : null,
  };
}

function checkFresh({ name, kind, rank, alpha, seed }: FreshAdapter): void {
  const refuse = (what: string, hint: string): never => {
    throw new TrainingRequestError(`Adapter ${name.slice(0, 80)}: ${what}.`, hint);
  };
  if (!['lora', 'rslora', 'dora'].includes(kind)) refuse(`its kind is ${kind}`, 'Choose lora, rslora or dora.');
  if (!Number.isInteger(rank) || rank < 1 || rank > MAX_RANK_WIDTH)
    refuse(`its rank is ${rank}`, `Choose a whole number from 1 to ${MAX_RANK_WIDTH}.`);
  if (!Number.isFinite(alpha) || alpha <= 0) refuse(`its alpha is ${alpha}`, 'Choose a number above 0.');
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32)
    refuse(`its seed is ${seed}`, 'Choose a whole number from 0 to 4,294,967,295.');
}
