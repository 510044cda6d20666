// Finds technical leftovers in texts for users: names of fields and functions, bytes, long numbers, codes.

const RAW: readonly [string, RegExp][] = [
  ['a name with an underscore', /\b\w*_\w*\b/],
  // Not the last digits of a shortened address, such as 0x599B…eE72.
  ['a name of a field or function', /(?<!…)\b[a-z]+(?:[A-Z][a-z\d]*)+\b/],
  ['32 bytes in hex', /0x[\da-f]{64}/i],
  ['an endless number', /(?<!0x[\da-f]*)\d{16,}/i],
  ['a number with endless digits before its point', /(?:\d{1,3},){8,}\d{3}/],
  ['a licence by its number', /\blicence \d/],
  ['a part by its basis points', /\bbps\b/i],
  ['one or more of something', /\w\(s\)/],
  [
    'one of many',
    /(?<![\d,.])1 (?:rows|calls|tags|contributions|points|awards|vouchers|bytes|members|blocks|shards)\b/,
  ],
  ['nothing at all', /\b(?:undefined|null|NaN|\[object)\b/],
];

/** Each finding with the text it is in. */
export const rawWords = (texts: readonly string[]): string[] =>
  texts.flatMap((text) => RAW.flatMap(([what, pattern]) => (pattern.test(text) ? [`${what}: ${text}`] : [])));
