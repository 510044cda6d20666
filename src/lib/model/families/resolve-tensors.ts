// Finds every tensor of an architecture in a model's files and checks its shape, under any prefix that repositories use. Reads no
// weights.

import type { TensorIndex } from '#lib/formats/model/model-files.ts';
import type { TensorEntry } from '#lib/formats/model/safetensors.ts';
import { sliceRows } from '#lib/formats/model/slice-rows.ts';
import type { Architecture } from '../architecture.ts';
import { MLX_HINT, WeightsMismatchError } from '../errors.ts';
import { familyOf } from './families.ts';
import { projectionsByModule, type ProjectionName } from '../projections.ts';
import type { ModelNames, NormName } from './family.ts';

/** Role of a tensor in a decoder layer. */
export type LayerSlot = NormName | ProjectionName | `${ProjectionName}Bias`;

/** Every tensor of the decoder with its place in the files. */
export interface ModelTensors {
  embedding: TensorEntry;
  finalNorm: TensorEntry;
  /** Null: the head is the embedding. Files of a tied model may hold a head, too; `drop-equal-head.ts` decides. */
  head: TensorEntry | null;
  /** Only slots that the architecture uses. Slots of a fused matrix are row ranges of it. */
  layers: Partial<Record<LayerSlot, TensorEntry>>[];
}

const PREFIXES = ['model.', 'model.language_model.', 'language_model.model.', ''];
const HEAD_PREFIXES = ['', 'language_model.', 'model.'];
/**
 * Tensors without effect here: rotary frequencies in old checkpoints (computed from config.json instead), and scales of an 8-bit
 * cache.
 */
const WITHOUT_EFFECT =
  /(?:\.rotary_emb\.inv_freq|\.self_attn\.(?:attn\.)?[qkv]_scale|\.self_attn\.[qkv]_proj\.(?:[qkv]_scale|output_scale))$/;
const FLOATS = new Set(['F32', 'F16', 'BF16', 'F64']);

export function resolveTensors(architecture: Architecture, index: TensorIndex, model: string): ModelTensors {
  const names = familyOf(architecture.family)!.names(architecture);
  const embeddingName = `${names.embedding}.weight`;
  const headName = HEAD_PREFIXES.map((before) => `${before}${names.head}.weight`).find((name) => index.has(name));
  // A file of a tied model may hold either table.
  const onlyHead = architecture.tiedHead && headName !== undefined;
  const prefix =
    PREFIXES.find((candidate) => index.has(candidate + embeddingName)) ??
    (onlyHead ? PREFIXES.find((candidate) => index.has(`${candidate}${names.finalNorm}.weight`)) : undefined);
  if (prefix === undefined) {
    throw new WeightsMismatchError(
      model,
      `tensor "${PREFIXES[0]}${embeddingName}" is missing`,
      headName === undefined
        ? undefined
        : `If "${headName}" is the embedding as well, set "tie_word_embeddings": true in config.json; else fetch the weights again.`,
    );
  }
  const used = new Set<string>();
  const take = (name: string, shape: number[]): TensorEntry => {
    const entry = index.get(name);
    if (!entry) throw new WeightsMismatchError(model, `tensor "${name}" is missing`);
    if (!FLOATS.has(entry.dtype)) {
      throw new WeightsMismatchError(
        model,
        `tensor "${name}" in ${entry.file} has dtype ${entry.dtype}`,
        quantisedHint(index, entry),
      );
    }
    if (entry.shape.join() !== shape.join()) {
      throw new WeightsMismatchError(
        model,
        `tensor "${name}" in ${entry.file} has shape [${entry.shape.join(', ')}], config.json asks for [${shape.join(', ')}]`,
      );
    }
    used.add(name);
    return entry;
  };

  const { hidden, headDim, vocab } = architecture;
  const finalNorm = take(`${prefix}${names.finalNorm}.weight`, [hidden]);
  const ownHead = headName === undefined ? null : take(headName, [vocab, hidden]);
  const alone = ownHead !== null && !index.has(prefix + embeddingName);
  const embedding = alone ? ownHead : take(prefix + embeddingName, [vocab, hidden]);
  const head = alone ? null : ownHead;
  const modules = projectionsByModule(architecture, names.modules);
  const layers = Array.from({ length: architecture.layers }, (_, i) => {
    const out: Partial<Record<LayerSlot, TensorEntry>> = {};
    const below = `${prefix}${names.layerList}.${i}.`;
    for (const [slot, module] of Object.entries(names.norms) as [NormName, string][]) {
      const isOfHead = slot === 'qNorm' || slot === 'kNorm';
      out[slot] = take(`${below}${module}.weight`, [isOfHead ? headDim : hidden]);
    }
    for (const [module, projections] of modules) {
      const { input, hasBias } = projections[0]!;
      const rows = projections.reduce((sum, { output }) => sum + output, 0);
      const weight = take(`${below}${module}.weight`, [rows, input]);
      const bias = hasBias ? take(`${below}${module}.bias`, [rows]) : null;
      let first = 0;
      for (const { name, output } of projections) {
        out[name] = sliceRows(weight, first, output);
        if (bias) out[`${name}Bias`] = sliceRows(bias, first, output);
        first += output;
      }
    }
    return out;
  });
  refuseUnused(index, prefix, names, used, model);
  return { embedding, finalNorm, head, layers };
}

/** Hint for integer weights. MLX packs weights in 32-bit words, with a scale and a bias per group. */
function quantisedHint(index: TensorIndex, { name, dtype }: TensorEntry): string {
  const stem = name.replace(/weight$/, '');
  return dtype === 'U32' && index.has(`${stem}scales`) && index.has(`${stem}biases`)
    ? MLX_HINT
    : 'Use the unquantised checkpoint (F32, F16 or BF16).';
}

/** An unused decoder tensor means that the file's model is not the one computed here, so it is refused. */
function refuseUnused(
  index: TensorIndex,
  prefix: string,
  { layerList, embedding, finalNorm }: ModelNames,
  used: ReadonlySet<string>,
  model: string,
): void {
  const roots = [layerList, embedding, finalNorm].map((root) => `${root}.`);
  for (const name of index.keys()) {
    const ours = prefix === '' ? roots.some((root) => name.startsWith(root)) : name.startsWith(prefix);
    if (!ours || used.has(name) || WITHOUT_EFFECT.test(name)) continue;
    const isOfLayer = name.slice(prefix.length).startsWith(`${layerList}.`);
    throw new WeightsMismatchError(
      model,
      `tensor "${name}" has no place in a ${isOfLayer ? 'decoder layer' : 'decoder'} that config.json describes`,
      'The model has parts this product does not compute, or config.json belongs to another model.',
    );
  }
}
