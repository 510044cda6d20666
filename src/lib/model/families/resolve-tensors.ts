// Finds every tensor an architecture needs in a model's files and checks its shape, whatever prefix the repository uses.
// It knows names and shapes; it reads no weight.

import type { TensorIndex } from '#lib/core/format/model-files.ts';
import type { TensorEntry } from '#lib/core/format/safetensors.ts';
import type { Architecture } from '../architecture.ts';
import { WeightsMismatchError } from '../errors.ts';
import { familyOf } from './families.ts';
import type { LayerSlot } from './family.ts';

/** Every tensor of the decoder with its place in the files. */
export interface ModelTensors {
  embedding: TensorEntry;
  finalNorm: TensorEntry;
  /** Null: the head reuses the embedding. */
  head: TensorEntry | null;
  /** Only slots the architecture uses. */
  layers: Partial<Record<LayerSlot, TensorEntry>>[];
}

const PREFIXES = ['model.', 'model.language_model.', 'language_model.model.', ''];
const HEADS = ['lm_head.weight', 'language_model.lm_head.weight', 'model.lm_head.weight'];
/** Buffers old checkpoints saved; they are computed from config.json. */
const RECOMPUTED = /\.rotary_emb\.inv_freq$/;
const FLOATS = new Set(['F32', 'F16', 'BF16', 'F64']);

export function resolveTensors(architecture: Architecture, index: TensorIndex, model: string): ModelTensors {
  const names = familyOf(architecture.family)!.tensorNames(architecture);
  const prefix = PREFIXES.find((candidate) => index.has(candidate + names.embedding));
  if (prefix === undefined) {
    throw new WeightsMismatchError(model, `tensor "${PREFIXES[0]}${names.embedding}" is missing`);
  }
  const used = new Set<string>();
  const take = (name: string, shape: number[]): TensorEntry => {
    const entry = index.get(name);
    if (!entry) throw new WeightsMismatchError(model, `tensor "${name}" is missing`);
    if (entry.shape.join() !== shape.join()) {
      throw new WeightsMismatchError(
        model,
        `tensor "${name}" in ${entry.file} has shape [${entry.shape.join(', ')}], config.json asks for [${shape.join(', ')}]`,
      );
    }
    if (!FLOATS.has(entry.dtype)) {
      throw new WeightsMismatchError(
        model,
        `tensor "${name}" in ${entry.file} has dtype ${entry.dtype}`,
        'Use the unquantised checkpoint (F32, F16 or BF16).',
      );
    }
    used.add(name);
    return entry;
  };

  const { hidden, vocab } = architecture;
  const embedding = take(prefix + names.embedding, [vocab, hidden]);
  const finalNorm = take(prefix + names.finalNorm, [hidden]);
  const headName = HEADS.find((name) => index.has(name));
  if (headName) used.add(headName);
  const head = headName && !architecture.tiedHead ? take(headName, [vocab, hidden]) : null;
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
    if (!ours || used.has(name) || RECOMPUTED.test(name)) continue;
    throw new WeightsMismatchError(
      model,
      `tensor "${name}" has no place in a ${architectureName(name)} that config.json describes`,
      'The model has parts this product does not compute, or config.json belongs to another model.',
    );
  }
}

const architectureName = (name: string): string => (/\.layers\.\d+\./.test(name) ? 'decoder layer' : 'decoder');
