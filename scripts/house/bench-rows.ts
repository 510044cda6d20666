// Rows for benchmarks: generated from a seed, about 350 bytes each, by ten contributors.

const WORDS =
  'press line valve pump store crate route batch fund ward lens motor panel rail gear hall permit order note seal'.split(
    ' ',
  );
export function randomFrom(seed: number) {
  let state = seed | 1;
  return (below: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

export function makeRow(n: number, random = randomFrom(Math.imul(n + 1, 0x9e3779b1))) {
  const words = (count: number): string => Array.from({ length: count }, () => WORDS[random(WORDS.length)]!).join(' ');
  return {
    id: `row-${String(n).padStart(7, '0')}`,
    messages: [
      { role: 'user', content: `What does ${words(9)} ${random(1e6)} mean?` },
      { role: 'assistant', content: `It is ${words(14)}, with ${random(1e4)} of ${words(3)}.` },
    ],
    contributor: `0x${String(random(10)).repeat(40)}`,
    licence: 'CC-BY-4.0',
    n,
  };
}
