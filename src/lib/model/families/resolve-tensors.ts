// Finds every tensor an architecture needs in a model's files and checks its shape, whatever prefix the repository uses.
// It knows names and shapes; it reads no weight.

import type { TensorIndex } from '#lib/formats/model/model-files.ts';
import type { TensorEntry } from '#lib/formats/model/safetensors.ts';
import type { Architecture } from '../architecture.ts';
import { MLX_HINT, WeightsMismatchError } from '../errors.ts';
import { familyOf } from './families.ts';
import type { LayerSlot } from './family.ts';

/** Every tensor of the decoder with its place in the files. */
export interface ModelTensors {
  embedding: TensorEntry;
  finalNorm: TensorEntry;
  /** Null: the head reuses the embedding. A tied model may have one, too: then `drop-equal-head.ts` decides. */
  head: TensorEntry | null;
  /** Only slots the architecture uses. */
  layers: Partial<Record<LayerSlot, TensorEntry>>[];
}

const PREFIXES = ['model.', 'model.language_model.', 'language_model.model.', ''];
const HEADS = ['lm_head.weight', 'language_model.lm_head.weight', 'model.lm_head.weight'];
/**
 * Tensors that change nothing here: rotations that old checkpoints saved (they are computed from config.json), and the scales of a
 * cache in 8 bits, which was never the model's own.
 */
const WITHOUT_EFFECT =
  /(?:\.rotary_emb\.inv_freq|\.self_attn\.(?:attn\.)?[qkv]_scale|\.self_attn\.[qkv]_proj\.(?:[qkv]_scale|output_scale))$/;
const FLOATS = new Set(['F32', 'F16', 'BF16', 'F64']);

export function resolveTensors(architecture: Architecture, index: TensorIndex, model: string): ModelTensors {
  const names = familyOf(architecture.family)!.tensorNames(architecture);
  const headName = HEADS.find((name) => index.has(name));
  // Of two tied tables a file may hold either.
  const onlyHead = architecture.tiedHead && headName !== undefined;
  const prefix =
    PREFIXES.find((candidate) => index.has(candidate + names.embedding)) ??
    (onlyHead ? PREFIXES.find((candidate) => index.has(candidate + names.finalNorm)) : undefined);
  if (prefix === undefined) {
    throw new WeightsMismatchError(
      model,
      `tensor "${PREFIXES[0]}${names.embedding}" is missing`,
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

  const { hidden, vocab } = architecture;
  const finalNorm = take(prefix + names.finalNorm, [hidden]);
  const ownHead = headName === undefined ? null : take(headName, [vocab, hidden]);
  const alone = ownHead !== null && !index.has(prefix + names.embedding);
  const embedding = alone ? ownHead : take(prefix + names.embedding, [vocab, hidden]);
  const head = alone ? null : ownHead;
  const layers = names.layers.map((layer) => {
    const out: Partial<Record<LayerSlot, TensorEntry>> = {};
    for (const [slot, name] of Object.entries(layer) as [LayerSlot, string][]) {
      out[slot] = take(prefix + name, slotShape(architecture, slot));
    }
    return out;
  });
  refuseUnused(index, prefix, used, model);
  return { embedding, finalNorm, head, layers };
}

/** What to do about weights that are no floats: MLX packs them in words of 32 bits, with a scale and a bias a group. */
function quantisedHint(index: TensorIndex, { name, dtype }: TensorEntry): string {
  const stem = name.replace(/weight$/, '');
  return dtype === 'U32' && index.has(`${stem}scales`) && index.has(`${stem}biases`)
    ? MLX_HINT
    : 'Use the unquantised checkpoint (F32, F16 or BF16).';
}

/** Stored shape of a slot: [out, in] for matrices. */
export function slotShape(a: Architecture, slot: LayerSlot): number[] {
  const query = a.heads * a.headDim;
  const kv = a.kvHeads * a.headDim;
  switch (slot) {
    case 'attentionNorm':
    case 'attentionOutNorm':
    case 'ffnNorm':
    case 'ffnOutNorm':
    case 'oBias':
    case 'downBias':
      return [a.hidden];
    case 'q':
      return [query, a.hidden];
    case 'k':
    case 'v':
      return [kv, a.hidden];
    case 'o':
      return [a.hidden, query];
    case 'gate':
    case 'up':
      return [a.ffn, a.hidden];
    case 'down':
      return [a.hidden, a.ffn];
    case 'qBias':
      return [query];
    case 'kBias':
    case 'vBias':
      return [kv];
    case 'gateBias':
    case 'upBias':
      return [a.ffn];
    case 'qNorm':
    case 'kNorm':
      return [a.headDim];
  }
}

/** A decoder tensor nobody reads would mean that we compute another model than the file holds. */
function refuseUnused(index: TensorIndex, prefix: string, used: ReadonlySet<string>, model: string): void {
  for (const name of index.keys()) {
    const ours = prefix === '' ? /^(layers\.|embed_tokens\.|norm\.)/.test(name) : name.startsWith(prefix);
    if (!ours || used.has(name) || WITHOUT_EFFECT.test(name)) continue;
    throw new WeightsMismatchError(
      model,
      `tensor "${name}" has no place in a ${architectureName(name)} that config.json describes`,
      'The model has parts this product does not compute, or config.json belongs to another model.',
    );
  }
}

const architectureName = (name: string): string => (/\.layers\.\d+\./.test(name) ? 'decoder layer' : 'decoder');
