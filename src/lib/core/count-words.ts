// How many of what, in words: one is one thing, all else are things. It knows numbers and English, nothing of what is counted.

/** 1234 and "row" → "1,234 rows"; `many` where an s at the end does not do. */
export const counted = (count: number | bigint, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${BigInt(count) === 1n ? one : many}`;

/** "1", "1 and 3", "1, 3 and 9 more". */
export function listed(words: readonly string[], most = 8): string {
  const shown = words.length > most ? [...words.slice(0, most - 1), `${words.length - most + 1} more`] : words;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)!}`;
}
