// Where an adapter that begins at an invocation (aLoRA) is applied, and how its invocation gets into a prompt. Tokens only
// (docs/adr/0039-adapters-from-an-invocation-on.md).

/** PEFT's rule: from the first token of the last occurrence on. Null where there is none. */
export function lastOccurrence(ids: readonly number[], invocation: readonly number[]): number | null {
  for (let at = ids.length - invocation.length; at >= 0; at--) {
    if (invocation.every((id, i) => ids[at + i] === id)) return at;
  }
  return null;
}

/**
 * The prompt with the invocation at its end. `body`: how many tokens of it are messages; what follows is the start of the answer,
 * which the chat template wrote. A start that holds the invocation stays. An invocation that is the start of a turn itself (both begin
 * with the same token) takes the place of it.
 */
export function withInvocation(ids: readonly number[], invocation: readonly number[], body = ids.length): number[] {
  const start = ids.slice(body);
  const known = lastOccurrence(ids, invocation);
  if (known !== null && (known >= body || known + invocation.length === ids.length)) return [...ids];
  return [...(start[0] === invocation[0] ? ids.slice(0, body) : ids), ...invocation];
}
