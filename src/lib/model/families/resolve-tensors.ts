// Finds every tensor of an architecture in a model's files and checks its shape, under any prefix that repositories use. Reads no
// weights.

import type { TensorIndex } from '#lib/formats/model/model-files.ts';
import type { TensorEntry } from '#lib/formats/model/safetensors.ts';
import { fusedRows, sliceRows, takeRows, type TensorRows } from '#lib/formats/model/slice-rows.ts';
import type { Architecture } from '../architecture.ts';
import { atLayer } from '../at-layer.ts';
import { MLX_HINT, WeightsMismatchError } from '../errors.ts';
import { familyOf } from './families.ts';
import {
  layerHas,
  projectionsByModule,
  type ExpertMatrixName,
  type ProjectionName,
  type StackName,
} from '../projections.ts';
import { expertTensors } from './expert-tensors.ts';
import { wholeMatrix, type StoredMatrix } from '../weight-loader.ts';
import type { ModelNames, NormName } from './family.ts';

/** Role of a vector in a decoder layer. */
type VectorSlot =
  | NormName
  | `${NormName | ProjectionName}Bias`
  | 'routerBias'
  | 'inputNorm'
  | 'layerScale'
  | 'convolution'
  | 'convolutionBias';

/** The tensors of one decoder layer. */
export interface LayerTensors {
  /** With the stack that takes their rows. */
  matrices: (StoredMatrix & { stack: StackName | ExpertMatrixName })[];
  /** Only slots the architecture uses. Of the biases of a fused matrix each slot has its own. */
  vectors: Partial<Record<VectorSlot, TensorRows>>;
}

/** Every tensor of the decoder with its place in the files. */
export interface ModelTensors {
  embedding: TensorEntry;
  finalNorm: TensorEntry;
  /** Null: the head is the embedding. Files of a tied model may hold a head, too; `drop-equal-head.ts` decides. */
  head: TensorEntry | null;
  /** Null where the architecture has none. */
  finalNormBias: TensorEntry | null;
  embeddingNorm: TensorEntry | null;
  embeddingNormBias: TensorEntry | null;
  headBias: TensorEntry | null;
  positions: TensorEntry | null;
  layerInputs: TensorEntry | null;
  layers: LayerTensors[];
}

const PREFIXES = ['model.', 'model.language_model.', 'language_model.model.', 'transformer.', 'gpt_neox.', ''];
const HEAD_PREFIXES = ['', 'language_model.', 'model.', 'transformer.'];
/**
 * Tensors without effect here: rotary frequencies and causal masks in old checkpoints (both follow from config.json), and scales of an
 * 8-bit cache.
 */
const WITHOUT_EFFECT =
  /(?:\brotary_(?:pos_)?emb\.inv_freq|\.(?:attn|attention)\.(?:masked_)?bias|\.self_attn\.(?:attn\.)?[qkv]_scale|\.self_attn\.[qkv]_proj\.(?:[qkv]_scale|output_scale))$/;
const FLOATS = new Set(['F32', 'F16', 'BF16', 'F64']);

export function resolveTensors(architecture: Architecture, index: TensorIndex, model: string): ModelTensors {
  const names = familyOf(architecture.family)!.names(architecture);
  const embeddingName = `${names.embedding}.weight`;
  const headNames = [names.head, ...(names.headAlias === undefined ? [] : [names.headAlias])];
  const headName = headNames
    .flatMap((head) => HEAD_PREFIXES.map((before) => `${before}${head}.weight`))
    .find((name) => index.has(name));
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

  const { hidden, heads, vocab, layerInput, convolution } = architecture;
  const hasNormBias = architecture.norm === 'layer';
  const norm = (module: string, width = hidden) => take(`${module}.weight`, [width]);
  const normBias = (module: string) => (hasNormBias ? take(`${module}.bias`, [hidden]) : null);
  const finalNorm = norm(prefix + names.finalNorm);
  const ownHead = headName === undefined ? null : take(headName, [vocab, hidden]);
  const alone = ownHead !== null && !index.has(prefix + embeddingName);
  const embedding = alone ? ownHead : take(prefix + embeddingName, [vocab, hidden]);
  const head = alone ? null : ownHead;
  const ends = {
    embedding,
    head,
    finalNorm,
    finalNormBias: normBias(prefix + names.finalNorm),
    embeddingNorm: architecture.embeddingNorm ? norm(prefix + names.embeddingNorm!) : null,
    embeddingNormBias: architecture.embeddingNorm ? normBias(prefix + names.embeddingNorm!) : null,
    headBias: architecture.headBias
      ? take((headName ?? `${names.head}.weight`).replace(/weight$/, 'bias'), [vocab])
      : null,
    positions: architecture.learnedPositions
      ? take(`${prefix}${names.positions!}.weight`, [architecture.contextLength, hidden])
      : null,
    layerInputs: layerInput
      ? take(`${prefix}${names.layerInput!.table}.weight`, [vocab, architecture.layers * layerInput])
      : null,
  };
  const { fusedGroups = 1, isTransposed = false } = names;
  /** Files may hold what a layer would need for keys of its own. */
  const passOver = (module: string) => void used.add(`${module}.weight`).add(`${module}.bias`);
  const layers = Array.from({ length: architecture.layers }, (_, i) => {
    const { kvHeads, headDim, ...here } = atLayer(architecture, i);
    const modules = projectionsByModule({ ...here, kvHeads, headDim }, names.modules);
    const widths: Partial<Record<NormName, number>> =
      architecture.qkNorm === 'whole'
        ? { qNorm: heads * headDim, kNorm: kvHeads * headDim }
        : { qNorm: headDim, kNorm: headDim };
    if (architecture.latent) {
      widths.qLatentNorm = architecture.latent.queryRank ?? 0;
      widths.kvLatentNorm = architecture.latent.kvRank;
    }
    const { matrices, vectors }: LayerTensors = { matrices: [], vectors: {} };
    const below = `${prefix}${names.layerList}.${i}.`;
    const isConvolution = here.plan[i]!.mixer === 'convolution';
    for (const [slot, module] of Object.entries(names.norms) as [NormName, string][]) {
      if (isConvolution && (slot === 'qNorm' || slot === 'kNorm')) continue;
      if (slot === 'kNorm' && here.projects === 'q') {
        passOver(below + module);
        continue;
      }
      vectors[slot] = norm(below + module, widths[slot]);
      const bias = normBias(below + module);
      if (bias) vectors[`${slot}Bias`] = bias;
    }
    for (const [module, projections] of modules) {
      if (!projections[0]) {
        if (here.projects === 'q') passOver(below + module);
        continue;
      }
      const { input, hasBias, stack } = projections[0];
      if (!layerHas(architecture, i, stack)) continue;
      const rows = projections.reduce((sum, { output }) => sum + output, 0);
      const tensor = take(`${below}${module}.weight`, isTransposed ? [input, rows] : [rows, input]);
      const bias = hasBias ? take(`${below}${module}.bias`, [rows]) : null;
      const outputs = projections.map(({ output }) => output);
      const ranges = fusedRows(outputs, fusedGroups);
      const runs = projections.flatMap(({ firstRow }, p) =>
        ranges[p]!.map(({ first: from, count }, i) => ({ from, to: firstRow + i * count, count })),
      );
      matrices.push({ tensor, stack, runs, isTransposed });
      if (bias) projections.forEach(({ name }, p) => (vectors[`${name}Bias`] = takeRows(bias, ranges[p]!)));
    }
    if (layerInput) {
      const { projection, norm: module } = names.layerInput!;
      const whole = take(`${prefix}${projection}.weight`, [architecture.layers * layerInput, hidden]);
      matrices.push({ ...wholeMatrix(sliceRows(whole, i * layerInput, layerInput)), stack: 'inputProjection' });
      vectors.inputNorm = norm(prefix + module, layerInput);
    }
    if (architecture.layerScale) vectors.layerScale = take(below + names.layerScale!, [1]);
    if (isConvolution) {
      vectors.convolution = take(`${below}${names.convolution!}.weight`, [hidden, 1, convolution!.span]);
      if (convolution!.hasBias) vectors.convolutionBias = take(`${below}${names.convolution!}.bias`, [hidden]);
    }
    if (architecture.experts?.isSparse[i]) {
      const found = expertTensors(architecture.experts, hidden, names.experts!, (name, shape) =>
        take(below + name, shape),
      );
      matrices.push(...found.matrices);
      if (found.routerBias) vectors.routerBias = found.routerBias;
    }
    return { matrices, vectors };
  });
  refuseUnused({ index, prefix, names, used, model, architecture });
  return { ...ends, layers };
}

/** All of them; rows of a tensor that lie apart, piece by piece. */
export function tensorsOf({ layers, ...ends }: ModelTensors): TensorEntry[] {
  const ofLayers = layers.flatMap(({ matrices, vectors }) => [
    ...matrices.map(({ tensor }) => tensor),
    ...Object.values<TensorRows>(vectors).flatMap((rows) => rows.pieces ?? [rows]),
  ]);
  // A vector that all layers read is one tensor.
  return [...new Set([...Object.values<TensorEntry | null>(ends).filter((entry) => entry !== null), ...ofLayers])];
}

/** Hint for integer weights. MLX packs weights in 32-bit words, with a scale and a bias per group. */
function quantisedHint(index: TensorIndex, { name, dtype }: TensorEntry): string {
  const stem = name.replace(/weight$/, '');
  return dtype === 'U32' && index.has(`${stem}scales`) && index.has(`${stem}biases`)
    ? MLX_HINT
    : 'Use the unquantised checkpoint (F32, F16 or BF16).';
}

interface Unused {
  index: TensorIndex;
  prefix: string;
  names: ModelNames;
  used: ReadonlySet<string>;
  model: string;
  architecture: Architecture;
}

/** An unused decoder tensor means that the file's model is not the one computed here, so it is refused. */
function refuseUnused({ index, prefix, names, used, model, architecture }: Unused): void {
  const { layerList, embedding, finalNorm } = names;
  const roots = [layerList, embedding, finalNorm].map((root) => `${root}.`);
  const { layers, furtherLayers = 0 } = architecture;
  const further = Array.from({ length: furtherLayers }, (_, i) => `${prefix}${layerList}.${layers + i}.`);
  for (const [name, { isZero }] of index) {
    const ours = prefix === '' ? roots.some((root) => name.startsWith(root)) : name.startsWith(prefix);
    if (!ours || used.has(name) || isZero || WITHOUT_EFFECT.test(name)) continue;
    if (further.some((layer) => name.startsWith(layer))) continue;
    const isOfLayer = name.slice(prefix.length).startsWith(`${layerList}.`);
    throw new WeightsMismatchError(
      model,
      `tensor "${name}" has no place in a ${isOfLayer ? 'decoder layer' : 'decoder'} that config.json describes`,
      'The model has parts this product does not compute, or config.json belongs to another model.',
    );
  }
}
