// Two conversations as one: the second goes on where the first ends. A model that only sees single questions forgets how to go on.

import { createRng } from '#lib/core/rng.ts';
import type { ExampleForm } from './example-form.ts';

type ChatForm = Extract<ExampleForm, { kind: 'chat' }>;

/** Null when the two do not go together: texts, other tools or documents, another system message. */
export function joinForms(first: ExampleForm, second: ExampleForm): ChatForm | null {
  if (first.kind !== 'chat' || second.kind !== 'chat') return null;
  const bound = [first, second].some(({ tools, documents }) => tools !== null || documents !== null);
  const opens = second.messages[0]!.role === 'system' || second.messages[0]!.role === 'developer';
  const isSame = opens && JSON.stringify(first.messages[0]) === JSON.stringify(second.messages[0]);
  if (bound || (opens && !isSame) || first.messages.at(-1)!.role !== 'assistant') return null;
  const from = opens ? 1 : 0;
  if (second.messages[from]?.role !== 'user') return null;
  return {
    ...first,
    messages: [...first.messages, ...second.messages.slice(from)],
    learned: [...first.learned, ...second.learned.slice(from)],
    plain: null,
  };
}

/** For each of `count` rows the row that follows it in its example, or null: a seeded draw for `share` of them. */
export function drawPartners(count: number, share: number, seed: number): (number | null)[] {
  const rng = createRng(seed);
  return Array.from({ length: count }, (_, at) => {
    const isJoined = rng.uniform() < share;
    const other = rng.below(Math.max(1, count - 1));
    return isJoined && count > 1 ? (other >= at ? other + 1 : other) : null;
  });
}
