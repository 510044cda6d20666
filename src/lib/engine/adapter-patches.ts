// Reads the norms, biases and tokens that an adapter has of its own, and finds their places in the base.
// It knows files and names; how they are computed is `model/decoder/adapter-patches.ts`.

import type { Folder } from '#lib/core/folder.ts';
import {
  ADAPTER_WEIGHTS,
  type AdaptedTokens,
  type AdaptedVector,
  type AdapterPlan,
} from '#lib/formats/model/adapter.ts';
import { AdapterMismatchError, UnsupportedError } from '#lib/formats/errors.ts';
import { fusedRows, takeRows } from '#lib/formats/model/slice-rows.ts';
import type { AdapterPatches, TokenRows } from '#lib/model/decoder/adapter-patches.ts';
import type { PatchPoint } from '#lib/model/decoder/stage.ts';
import { adaptableBase } from '#lib/model/adaptable-base.ts';
import type { Architecture } from '#lib/model/architecture.ts';
import { familyOf } from '#lib/model/families/families.ts';
import { readTensor } from '#lib/model/lora.ts';
import type { BaseFiles } from './adapter-tables.ts';

export interface PatchesOptions {
  architecture: Architecture;
  base: BaseFiles;
  folder: Folder;
  plan: AdapterPlan;
  /** The base's head is its embedding. */
  isTied: boolean;
}

/** Null where the adapter has none. @throws AdapterMismatchError or UnsupportedError naming the tensor */
export async function loadAdapterPatches(options: PatchesOptions): Promise<AdapterPatches | null> {
  const { folder, plan, isTied } = options;
  const { vectors, tokens } = plan;
  if (vectors.length === 0 && !tokens.embedding && !tokens.head) return null;
  const patches: AdapterPatches = { biases: [], norms: [], embedding: null, head: null };
  for (const vector of vectors) {
    if (vector.name.endsWith('.bias')) patches.biases.push(await readBias(options, vector));
    else patches.norms.push(await readNorm(options, vector));
  }
  patches.embedding = await readTokens(folder, tokens.embedding);
  patches.head = await readTokens(folder, tokens.head ?? (isTied ? tokens.embedding : null));
  return patches;
}

async function readBias(
  { architecture: a, base, folder, plan }: PatchesOptions,
  vector: AdaptedVector,
): Promise<AdapterPatches['biases'][number]> {
  const { layerList, modules, modulesByLayer, absent, fusedGroups } = adaptableBase(a);
  const [, list, number, module] = /^(\w+(?:\.\w+)?)\.(\d+)\.(.+)\.bias$/.exec(vector.name) ?? [];
  const isThere = list === layerList && !absent?.has(`${Number(number)}.${module}`);
  const targets = isThere ? (modulesByLayer?.[Number(number)] ?? modules).get(module!) : undefined;
  // The gate of a shared expert multiplies its output with the bias; here it multiplies the input of the last matrix.
  const isGated = targets?.[0]?.stack === 'sharedDown' && a.experts?.isSharedGated;
  if (!targets || isGated) return notSupported(plan, vector, modules.keys());
  const layer = Number(number);
  const tensors = base.tensors.layers[layer];
  const rows = targets.reduce((sum, { output }) => sum + output, 0);
  checkShape(plan, vector, [rows], tensors !== undefined);
  // Projections of one module lie in one stack, in the same order, each with its rows together.
  const outputs = targets.map(({ output }) => output);
  const ordered = takeRows(vector.tensor, fusedRows(outputs, fusedGroups).flat());
  const values = await readTensor(folder, ordered);
  const { stack, firstRow: first } = targets[0]!;
  const point: PatchPoint = `${stack} ${layer}`;
  if (vector.added !== null) return { point, first, values: values.map((value) => value * vector.added!) };
  const old: number[] = [];
  for (const { name } of targets) {
    const own = tensors?.vectors[`${name}Bias`];
    if (!own) throw mismatch(plan, vector, 'is a bias, the base model has none there');
    old.push(...(await readTensor(base.folder, own)));
  }
  return { point, first, values: values.map((value, i) => value - old[i]!) };
}

async function readNorm(
  { architecture: a, folder, plan }: PatchesOptions,
  vector: AdaptedVector,
): Promise<AdapterPatches['norms'][number]> {
  const { finalNorm, layerList, norms } = familyOf(a.family)!.names(a);
  const points = new Map<string, PatchPoint>([[`${finalNorm}.weight`, 'finalNorm']]);
  for (let layer = 0; layer < a.layers; layer++) {
    for (const norm of ['attentionNorm', 'ffnNorm'] as const)
      if (norms[norm]) points.set(`${layerList}.${layer}.${norms[norm]}.weight`, `${norm} ${layer}`);
  }
  // A saved norm is computed anew from the residual stream, as RMS.
  const point =
    (a.norm === 'rms' ? points : null)?.get(vector.name) ?? notSupported(plan, vector, adaptableBase(a).modules.keys());
  checkShape(plan, vector, [a.hidden], true);
  const values = await readTensor(folder, vector.tensor);
  return { point, values: a.normPlusOne ? values.map((value) => value + 1) : values };
}

async function readTokens(folder: Folder, tokens: AdaptedTokens | null): Promise<TokenRows | null> {
  if (!tokens) return null;
  const all = await readTensor(folder, tokens.rows);
  const hidden = tokens.rows.shape[1]!;
  // Of a token that is named twice the last row counts.
  const last = [...new Map(tokens.ids.map((id, i) => [id, i]))];
  const rows = new Float32Array(last.length * hidden);
  last.forEach(([, i], n) => rows.set(all.subarray(i * hidden, (i + 1) * hidden), n * hidden));
  return { ids: Uint32Array.from(last, ([id]) => id), rows };
}

function checkShape(plan: AdapterPlan, vector: AdaptedVector, shape: number[], exists: boolean): void {
  if (!exists) throw mismatch(plan, vector, 'belongs to a layer that the base model does not have');
  const { shape: own } = vector.tensor;
  if (own.join() !== shape.join())
    throw mismatch(plan, vector, `has shape [${own.join(', ')}], the base model's has [${shape.join(', ')}]`);
}

const mismatch = (plan: AdapterPlan, { tensor }: AdaptedVector, what: string) =>
  new AdapterMismatchError(`${plan.name}/${ADAPTER_WEIGHTS}`, `tensor "${tensor.name}" ${what}`);

function notSupported(plan: AdapterPlan, { tensor }: AdaptedVector, modules: Iterable<string>): never {
  throw new UnsupportedError(
    `${plan.name}/${ADAPTER_WEIGHTS}`,
    `tensor "${tensor.name}" is not part of a supported adapter`,
    `Supported of saved norms: those before attention and feed-forward and the last one; of biases: those of ${[...modules].join(', ')}.`,
  );
}
