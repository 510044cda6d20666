// Reads the norms, biases and tokens that an adapter has of its own, and finds their places in the base.
// It knows files and names; how they are computed is `model/decoder/adapter-patches.ts`.

import type { Folder } from '#lib/core/folder.ts';
import {
  ADAPTER_WEIGHTS,
  type AdaptedTokens,
  type AdaptedVector,
  type AdapterPlan,
  type AdapterTarget,
} from '#lib/formats/model/adapter.ts';
import { AdapterMismatchError, UnsupportedError } from '#lib/formats/errors.ts';
import type { AdapterPatches, TokenRows } from '#lib/model/decoder/adapter-patches.ts';
import type { PatchPoint } from '#lib/model/decoder/stage.ts';
import type { Architecture } from '#lib/model/architecture.ts';
import type { LayerSlot } from '#lib/model/families/family.ts';
import { familyOf } from '#lib/model/families/families.ts';
import { slotShape } from '#lib/model/families/resolve-tensors.ts';
import { readTensor } from '#lib/model/lora.ts';
import type { BaseFiles } from './adapter-tables.ts';

const BIAS: Record<AdapterTarget, LayerSlot> = {
  q: 'qBias',
  k: 'kBias',
  v: 'vBias',
  o: 'oBias',
  gate: 'gateBias',
  up: 'upBias',
  down: 'downBias',
};
const MODULE = /^layers\.(\d+)\.(?:self_attn|mlp)\.(q|k|v|o|gate|up|down)_proj\.bias$/;

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
  const [, layer, target] = (MODULE.exec(vector.name) ?? notSupported(plan, vector)) as unknown as [
    string,
    string,
    AdapterTarget,
  ];
  const slot = BIAS[target];
  const tensors = base.tensors.layers[Number(layer)];
  checkShape(plan, vector, slotShape(a, slot), tensors !== undefined);
  const values = await readTensor(folder, vector.tensor);
  const at = placeOf(a, target, Number(layer));
  if (vector.added !== null) return { ...at, values: values.map((value) => value * vector.added!) };
  const own = tensors?.[slot];
  if (!own) throw mismatch(plan, vector, 'is a bias, the base model has none there');
  const old = await readTensor(base.folder, own);
  return { ...at, values: values.map((value, i) => value - old[i]!) };
}

async function readNorm(
  { architecture: a, folder, plan }: PatchesOptions,
  vector: AdaptedVector,
): Promise<AdapterPatches['norms'][number]> {
  const names = familyOf(a.family)!.tensorNames(a);
  const points = new Map<string, PatchPoint>([[names.finalNorm, 'finalNorm']]);
  names.layers.forEach(({ attentionNorm, ffnNorm }, layer) => {
    points.set(attentionNorm!, `attentionNorm ${layer}`).set(ffnNorm!, `ffnNorm ${layer}`);
  });
  const point = points.get(vector.name) ?? notSupported(plan, vector);
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

/** The stacked matrix of a target, and where its rows begin there. */
function placeOf(a: Architecture, target: AdapterTarget, layer: number): { point: PatchPoint; first: number } {
  switch (target) {
    case 'q':
      return { point: `qkv ${layer}`, first: 0 };
    case 'k':
      return { point: `qkv ${layer}`, first: a.heads * a.headDim };
    case 'v':
      return { point: `qkv ${layer}`, first: (a.heads + a.kvHeads) * a.headDim };
    case 'gate':
      return { point: `gateUp ${layer}`, first: 0 };
    case 'up':
      return { point: `gateUp ${layer}`, first: a.ffn };
    default:
      return { point: `${target} ${layer}`, first: 0 };
  }
}

function checkShape(plan: AdapterPlan, vector: AdaptedVector, shape: number[], exists: boolean): void {
  if (!exists) throw mismatch(plan, vector, 'belongs to a layer that the base model does not have');
  const { shape: own } = vector.tensor;
  if (own.join() !== shape.join())
    throw mismatch(plan, vector, `has shape [${own.join(', ')}], the base model's has [${shape.join(', ')}]`);
}

const mismatch = (plan: AdapterPlan, { tensor }: AdaptedVector, what: string) =>
  new AdapterMismatchError(`${plan.name}/${ADAPTER_WEIGHTS}`, `tensor "${tensor.name}" ${what}`);

function notSupported(plan: AdapterPlan, { tensor }: AdaptedVector): never {
  throw new UnsupportedError(
    `${plan.name}/${ADAPTER_WEIGHTS}`,
    `tensor "${tensor.name}" is not part of a supported adapter`,
    'Supported of saved norms: those before attention and feed-forward and the last one; of biases: q, k, v, o, gate, up, down.',
  );
}
