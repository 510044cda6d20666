// The projections of a decoder layer: their shapes, the stacked matrix that holds each, and their index in adapters' page tables.
// This is the only such list; `families/` holds their names per family.

import type { AdaptableProjection } from '#lib/formats/model/adaptable-base.ts';
import type { Architecture } from './architecture.ts';

export type ProjectionName = 'q' | 'k' | 'v' | 'o' | 'gate' | 'up' | 'down';
/** Projections with the same input are stacked by rows: one dispatch computes them. Without a gate, `gateUp` is `up` alone. */
export type StackName = 'qkv' | 'o' | 'gateUp' | 'down';

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
  'hidden' | 'heads' | 'kvHeads' | 'headDim' | 'ffn' | 'ffnKind' | 'qkvBias' | 'outputBias' | 'mlpBias'
>;

/** By name; indices continue from stack to stack. */
export function stacksOf(a: Sizes): Record<StackName, Stack> {
  const query = a.heads * a.headDim;
  const kv = a.kvHeads * a.headDim;
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
    return { name, input, rows, projections };
  };
  return {
    qkv: stack('qkv', a.hidden, a.qkvBias, { q: query, k: kv, v: kv }),
    o: stack('o', query, a.outputBias, { o: a.hidden }),
    gateUp: stack('gateUp', a.hidden, a.mlpBias, a.ffnKind === 'gated' ? { gate: a.ffn, up: a.ffn } : { up: a.ffn }),
    down: stack('down', a.ffn, a.mlpBias, { down: a.hidden }),
  };
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
      names.map((name) => projections.find((projection) => projection.name === name)!),
    ]),
  );
}
