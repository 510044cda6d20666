// The parts of a sequence that have the same adapters applied. Most sequences have one; an adapter that begins at an invocation adds
// another. It knows positions; which step runs them is `step-plan.ts`.

import { BLOCK_TOKENS } from '#lib/webgpu/step-state.ts';
import type { AdapterTables } from '#lib/model/decoder/table-adapters.ts';
import type { Matrix } from '#lib/webgpu/matrix.ts';
import type { ResidentAdapter } from './adapter-residency.ts';
import type { AdapterUse } from './engine.ts';
import type { BlockRoot } from './kv-blocks.ts';

/** An adapter of a request, and the position from which it is applied; null: never. */
export interface PlacedUse extends AdapterUse {
  from: number | null;
}

export interface Phase {
  /** Its first position. */
  from: number;
  blend: readonly { descriptor: number; weight: number }[];
  rankWidth: number;
  head: Matrix | null;
  tables: readonly AdapterTables[];
}

/** Where another adapter joins those that are applied; the beginning is always one. */
const starts = (uses: readonly PlacedUse[]): number[] =>
  [...new Set([0, ...uses.flatMap(({ from }) => from ?? [])])].sort((a, b) => a - b);

const isIn = ({ from }: PlacedUse, start: number): boolean => from !== null && from <= start;

/** @param held on the GPU, in the order of `uses` */
export function phasesOf(uses: readonly PlacedUse[], held: readonly ResidentAdapter[]): Phase[] {
  return starts(uses).map((from) => {
    const applied = uses.flatMap((use, i) => (isIn(use, from) ? [{ ...held[i]!, weight: use.weight }] : []));
    return {
      from,
      blend: applied.map(({ descriptor, weight }) => ({ descriptor, weight })),
      rankWidth: applied.reduce((sum, { rankWidth }) => sum + rankWidth, 0),
      head: applied[0]?.weight === 0 ? null : (applied[0]?.head ?? null),
      tables: applied.flatMap(({ tables, weight }) => (tables && weight !== 0 ? [tables] : [])),
    };
  });
}

/** The phase of a position. */
export const phaseAt = (phases: readonly Phase[], position: number): Phase =>
  phases.findLast(({ from }) => from <= position)!;

/** The first position behind `position` at which another phase begins. */
export const phaseEnd = (phases: readonly Phase[], position: number): number =>
  phases.find(({ from }) => from > position)?.from ?? Infinity;

/**
 * What cache blocks depend on besides tokens. Up to the first invocation that is what it is without the adapter, so those blocks are
 * shared. A block in which several adapters begin depends on where each of them does.
 */
export function blockRoots(uses: readonly PlacedUse[], prefix: string): BlockRoot[] {
  const roots = new Map<number, string>();
  for (const start of starts(uses)) {
    const applied = uses.filter((use) => isIn(use, start));
    const names = applied.map(({ id, weight, from }) => `${id}*${weight}${from ? `@${from}` : ''}`).sort();
    roots.set(Math.floor(start / BLOCK_TOKENS), prefix + names.join('+'));
  }
  return Array.from(roots, ([block, root]) => ({ block, root }));
}
