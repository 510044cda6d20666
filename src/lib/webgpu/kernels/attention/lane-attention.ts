// The text of lane-attention.wgsl for one shape: what a thread holds of its heads are variables of their own, since a software GPU keeps
// arrays that are indexed in a loop in memory, not in registers.

import source from './lane-attention.wgsl?raw';

/** Eights of sums that a thread holds, at most: compiling takes more than twice as long for twice as many. */
const MOST_EIGHTS = 8;

/** Whether a head is small enough. */
export const fitsLanes = (headDim: number): boolean => headDim % 8 === 0 && headDim <= 8 * MOST_EIGHTS;

/** Heads of a workgroup: as many of those that share their keys as a thread can hold. */
export function headsTogether(sharing: number, headDim: number): number {
  let count = Math.min(sharing, Math.floor((8 * MOST_EIGHTS) / headDim));
  while (sharing % count !== 0) count--;
  return count;
}

const each = (count: number, lines: (at: number) => string | string[]): string =>
  Array.from({ length: count }, (_, at) => lines(at))
    .flat()
    .join('\n');

/** `columns` are the eights of a head, `together` the heads of a workgroup. */
export function laneAttention(columns: number, together: number): string {
  const eachHead = (lines: (head: number) => string | string[]) => each(together, lines);
  const eachColumn = (lines: (column: number) => string | string[]) => each(columns, lines);
  const pieces = {
    LOAD_QUERIES: eachHead((h) => [
      `var greatest${h} = LOWEST;`,
      `var total${h} = 0.0;`,
      eachColumn((c) => [
        `let q${h}_${c} = Eight(q[query + ${2 * (h * columns + c)}u], q[query + ${2 * (h * columns + c) + 1}u]);`,
        `var low${h}_${c} = vec4<f32>();`,
        `var high${h}_${c} = vec4<f32>();`,
      ]),
    ]),
    SCORE_KEY: [
      eachHead((h) => `var s${h} = 0.0;`),
      eachColumn((c) => [
        `let k${c} = eight(at + ${c}u);`,
        eachHead((h) => `s${h} += dot(q${h}_${c}.low, k${c}.low) + dot(q${h}_${c}.high, k${c}.high);`),
      ]),
      eachHead((h) => [
        `s${h} = score(key_scale * s${h}, first_head + ${h}u, key, position);`,
        `if (s${h} > greatest${h}) {`,
        `let correction = exp(greatest${h} - s${h});`,
        `greatest${h} = s${h};`,
        `total${h} *= correction;`,
        eachColumn((c) => [`low${h}_${c} *= correction;`, `high${h}_${c} *= correction;`]),
        '}',
        `let w${h} = exp(s${h} - greatest${h});`,
        `total${h} += w${h};`,
      ]),
    ].join('\n'),
    ADD_VALUE: [
      eachHead((h) => `let v${h} = w${h} * value_scale;`),
      eachColumn((c) => [
        `let value${c} = eight(VALUES_AT + at + ${c}u);`,
        eachHead((h) => [`low${h}_${c} += v${h} * value${c}.low;`, `high${h}_${c} += v${h} * value${c}.high;`]),
      ]),
    ].join('\n'),
    KEEP_PARTS: eachHead((h) => [
      `greatest_of[thread * TOGETHER + ${h}u] = greatest${h};`,
      `total_of[thread * TOGETHER + ${h}u] = total${h};`,
      eachColumn((c) => `sums_of[(thread * TOGETHER + ${h}u) * COLUMNS + ${c}u] = Eight(low${h}_${c}, high${h}_${c});`),
    ]),
  };
  return Object.entries(pieces).reduce((text, [name, lines]) => text.replace(name, () => lines), source);
}
