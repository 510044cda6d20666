// ALiBi (arXiv 2108.12409): a bias of the scores that falls with the distance of a key, by a slope of each head.
// Only differences between keys matter under a softmax, so the bias of the query's own position is taken off: numbers stay small.

/** exact: slope · key position. rounded: that product in bf16, then scaled as the scores are. */
export type Alibi = 'none' | 'exact' | 'rounded';

/** `fn alibi(head, key, position) -> f32` */
export function alibiFunction(alibi: Alibi, heads: number): string {
  const declaration = 'fn alibi(head: u32, key: u32, position: u32) -> f32';
  if (alibi === 'none') return `${declaration} { return 0.0; }`;
  const rounded = alibi === 'rounded';
  const slopes = Array.from(alibiSlopes(heads), (slope) => (rounded ? toBf16(slope) : slope));
  const bias = rounded
    ? 'SCALE_F * (bf16(slope * bf16(f32(key))) - bf16(slope * bf16(f32(position))))'
    : 'slope * (f32(key) - f32(position))';
  return `var<private> slopes: array<f32, ${heads}> = array<f32, ${heads}>(${slopes.map((slope) => `f32(${slope})`).join(', ')});
fn bf16(v: f32) -> f32 {
  let bits = bitcast<u32>(v);
  return bitcast<f32>((bits + 0x7fffu + ((bits >> 16u) & 1u)) & 0xffff0000u);
}
${declaration} {
  let slope = slopes[head];
  return ${bias};
}`;
}

/** The plain form of the same. */
export function alibiBias(
  alibi: Alibi,
  heads: number,
  scale: number,
): (head: number, key: number, position: number) => number {
  if (alibi === 'none') return () => 0;
  const slopes = alibiSlopes(heads);
  if (alibi === 'exact') return (head, key, position) => slopes[head]! * (key - position);
  const at = (head: number, key: number) => toBf16(toBf16(slopes[head]!) * toBf16(key));
  return (head, key, position) => scale * (at(head, key) - at(head, position));
}

/** Powers of 2^(-8 / n) for the greatest power of two n; further heads take every second one of the next. */
function alibiSlopes(heads: number): Float32Array {
  const power = 2 ** Math.floor(Math.log2(heads));
  const slope = (i: number, of: number) => 2 ** ((-8 / of) * (i + 1));
  return Float32Array.from({ length: heads }, (_, head) =>
    head < power ? slope(head, power) : slope(2 * (head - power), 2 * power),
  );
}

function toBf16(value: number): number {
  const word = new Uint32Array(1);
  const float = new Float32Array(word.buffer);
  float[0] = value;
  word[0] = (word[0]! + 0x7fff + ((word[0]! >>> 16) & 1)) & 0xffff_0000;
  return float[0];
}
