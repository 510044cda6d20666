// The projections of a decoder layer: their shapes, the stacked matrix that holds each, and their index in adapters' page tables.
// This is the only such list; `families/` holds their names per family.

import type { AdaptableProjection } from '#lib/formats/model/adaptable-base.ts';
import type { Architecture, Experts } from './architecture.ts';

export type ProjectionName =
  | 'q'
  | 'k'
  | 'v'
  | 'o'
  | 'gate'
  | 'up'
  | 'down'
  | 'sharedGate'
  | 'sharedUp'
  | 'sharedDown'
  | 'qA'
  | 'qB'
  | 'kvA'
  | 'kvB'
  | 'inputProjection'
  | 'inputGate'
  | 'inputOut'
  | 'convIn'
  | 'convOut';
/** Projections with the same input are stacked by rows: one dispatch computes them. Without a gate, `gateUp` is `up` alone. */
export type StackName =
  | 'qkv'
  | 'o'
  | 'gateUp'
  | 'down'
  | 'sharedGateUp'
  | 'sharedDown'
  | 'qB'
  | 'kvB'
  | 'inputProjection'
  | 'inputGate'
  | 'inputOut'
  | 'convIn'
  | 'convOut';
/** Matrices of experts, which no adapter reaches: all experts of a layer one below the other. */
export type ExpertMatrixName = 'router' | 'expertGate' | 'expertUp' | 'expertDown';

export interface Projection extends AdaptableProjection {
  name: ProjectionName;
  stack: StackName;
  /** Its first row in the stack. */
  firstRow: number;
  hasBias: boolean;
}

export interface Stack {
  name: StackName;
  input: number;
  rows: number;
  projections: readonly Projection[];
}

type Sizes = Pick<
  Architecture,
  | 'hidden'
  | 'heads'
  | 'kvHeads'
  | 'headDim'
  | 'ffn'
  | 'ffnKind'
  | 'qkvBias'
  | 'outputBias'
  | 'mlpBias'
  | 'experts'
  | 'latent'
  | 'projects'
  | 'layerInput'
  | 'convolution'
>;

/** By name; indices continue from stack to stack, also over projections that only this layer lacks. A stack that no layer has is empty. */
export function stacksOf(a: Sizes): Record<StackName, Stack> {
  const query = a.heads * a.headDim;
  const kv = a.kvHeads * a.headDim;
  const shared = a.experts?.sharedFfn ?? 0;
  const { latent } = a;
  const fromStream: Partial<Record<ProjectionName, number>> = latent?.queryRank
    ? { qA: latent.queryRank }
    : { q: query };
  const ofLatent = latent ? { ...fromStream, kvA: latent.kvRank + a.headDim - latent.nopeDim } : {};
  const { layerInput, convolution, projects = 'qkv' } = a;
  const ofHeads = { q: query, k: projects === 'q' ? 0 : kv, v: projects === 'qkv' ? kv : 0 };
  const hasOwn = !a.experts?.isSparse.every(Boolean);
  const isGated = a.ffnKind === 'gated';
  let index = 0;
  const stack = (
    name: StackName,
    input: number,
    hasBias: boolean,
    outputs: Partial<Record<ProjectionName, number>>,
  ): Stack => {
    let rows = 0;
    const projections = (Object.entries(outputs) as [ProjectionName, number][]).map(([of, output]): Projection => {
      const projection = { name: of, index: index++, input, output, stack: name, firstRow: rows, hasBias };
      rows += output;
      return projection;
    });
    return { name, input, rows, projections: projections.filter(({ output }) => output > 0) };
  };
  return {
    qkv: stack('qkv', a.hidden, a.qkvBias, latent ? ofLatent : ofHeads),
    qB: stack('qB', latent?.queryRank ?? 0, false, latent?.queryRank ? { qB: query } : {}),
    kvB: stack('kvB', latent?.kvRank ?? 0, false, latent ? { kvB: a.heads * (latent.nopeDim + latent.valueDim) } : {}),
    o: stack('o', latent ? a.heads * latent.valueDim : query, a.outputBias, { o: a.hidden }),
    gateUp: stack('gateUp', a.hidden, a.mlpBias, hasOwn ? (isGated ? { gate: a.ffn, up: a.ffn } : { up: a.ffn }) : {}),
    down: stack('down', a.ffn, a.mlpBias, hasOwn ? { down: a.hidden } : {}),
    sharedGateUp: stack('sharedGateUp', a.hidden, false, shared > 0 ? { sharedGate: shared, sharedUp: shared } : {}),
    sharedDown: stack('sharedDown', shared, false, shared > 0 ? { sharedDown: a.hidden } : {}),
    inputProjection: stack('inputProjection', a.hidden, false, layerInput ? { inputProjection: layerInput } : {}),
    inputGate: stack('inputGate', a.hidden, false, layerInput ? { inputGate: layerInput } : {}),
    inputOut: stack('inputOut', layerInput ?? 0, false, layerInput ? { inputOut: a.hidden } : {}),
    convIn: stack('convIn', a.hidden, convolution?.hasBias ?? false, convolution ? { convIn: 3 * a.hidden } : {}),
    convOut: stack('convOut', a.hidden, convolution?.hasBias ?? false, convolution ? { convOut: a.hidden } : {}),
  };
}

/** Rows of the router before that of the shared expert's gate: even, as rows are packed in pairs. */
export const routerRows = ({ count }: Experts): number => Math.ceil(count / 2) * 2;

export function expertMatricesOf(
  experts: Experts,
  hidden: number,
): Record<ExpertMatrixName, { rows: number; input: number }> {
  const { count, ffn, isSharedGated } = experts;
  const first = { rows: count * ffn, input: hidden };
  return {
    router: { rows: routerRows(experts) + (isSharedGated ? 1 : 0), input: hidden },
    expertGate: first,
    expertUp: first,
    expertDown: { rows: count * hidden, input: ffn },
  };
}

/** Layers of experts have no block of their own width, other layers no shared expert; layers with a convolution have no attention. */
export function layerHas(
  { experts, latent, plan, layerInput }: Pick<Architecture, 'experts' | 'latent' | 'plan' | 'layerInput'>,
  layer: number,
  stack: StackName,
): boolean {
  const isSparse = experts?.isSparse[layer] ?? false;
  const isConvolution = plan[layer]!.mixer === 'convolution';
  switch (stack) {
    case 'gateUp':
    case 'down':
      return !isSparse;
    case 'sharedGateUp':
    case 'sharedDown':
      return isSparse && experts!.sharedFfn > 0;
    case 'qB':
      return (latent?.queryRank ?? null) !== null;
    case 'kvB':
      return latent !== null;
    case 'inputProjection':
    case 'inputGate':
    case 'inputOut':
      return layerInput !== undefined;
    case 'convIn':
    case 'convOut':
      return isConvolution;
    default:
      return !isConvolution;
  }
}

/** Ordered by index. */
export const projectionsOf = (a: Sizes): Projection[] =>
  Object.values(stacksOf(a)).flatMap(({ projections }) => projections);

/** The projections in each module, in row order. */
export function projectionsByModule(
  a: Sizes,
  modules: Record<string, readonly ProjectionName[]>,
): Map<string, Projection[]> {
  const projections = projectionsOf(a);
  return new Map(
    Object.entries(modules).map(([module, names]) => [
      module,
      names.flatMap((name) => projections.find((projection) => projection.name === name) ?? []),
    ]),
  );
}
