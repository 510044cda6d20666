// The words of a text, by a fixed table, because money depends on them: no pattern asks an engine which letters it knows, which differs by
// its version. Case, accents, width, punctuation and invisible characters make no difference; in scripts without spaces every character
// is a word.

/** A longer text is read up to here. */
const MOST_CHARS = 1 << 17;

/** Ranges of UTF-16 code units, each from and to. */
type Ranges = readonly (readonly [number, number])[];

/** Thai and Lao with Tibetan, Burmese, Khmer, kana, Han. Han beyond 16 bits is compared in runs. */
const UNSPACED: Ranges = [
  [0x0e00, 0x0fff],
  [0x1000, 0x109f],
  [0x1780, 0x17ff],
  [0x3005, 0x3007],
  [0x3031, 0x30ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xf900, 0xfaff],
];
/** Controls, punctuation, signs and spaces, with their forms in Latin-1 and in East Asian text. */
const BETWEEN: Ranges = [
  [0x00, 0x2f],
  [0x3a, 0x40],
  [0x5b, 0x60],
  [0x7b, 0xa9],
  [0xab, 0xac],
  [0xae, 0xb1],
  [0xb4, 0xb4],
  [0xb6, 0xb8],
  [0xbb, 0xbb],
  [0xbf, 0xbf],
  [0xd7, 0xd7],
  [0xf7, 0xf7],
  [0x2000, 0x200a],
  [0x2010, 0x2029],
  [0x202f, 0x205f],
  [0x2190, 0x2bff],
  [0x3000, 0x3004],
  [0x3008, 0x3030],
  [0xfe10, 0xfe1f],
  [0xfe30, 0xfe6f],
];
/** Soft hyphen, combining accents, joiners, marks of direction, selectors of a form, the mark of byte order. */
const INVISIBLE: Ranges = [
  [0xad, 0xad],
  [0x0300, 0x036f],
  [0x061c, 0x061c],
  [0x180b, 0x180e],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x206f],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
];
/** Latin, Greek, Cyrillic, Armenian: their case and accents are final by Unicode's promise of stability. A test pins the table. */
const CASED: Ranges = [
  [0x41, 0x5a],
  [0xc0, 0x24f],
  [0x386, 0x52f],
  [0x531, 0x556],
  [0x1e00, 0x1fff],
];
/** ASCII in full width, and the distance to it. */
const FULL_WIDTH = { from: 0xff01, to: 0xff5e, less: 0xfee0 } as const;

const KIND = { part: 0, between: 1, word: 2, invisible: 3 } as const;

/** What each code unit is, and what it is folded to. */
export function wordTable(): { kinds: Uint8Array; folded: Uint16Array } {
  const kinds = new Uint8Array(0x10000);
  const folded = Uint16Array.from(kinds, (_, unit) => unit);
  const each = (ranges: Ranges, visit: (unit: number) => void): void => {
    for (const [from, to] of ranges) for (let unit = from; unit <= to; unit++) visit(unit);
  };
  each(UNSPACED, (unit) => (kinds[unit] = KIND.word));
  each(BETWEEN, (unit) => (kinds[unit] = KIND.between));
  each(INVISIBLE, (unit) => (kinds[unit] = KIND.invisible));
  each(CASED, (unit) => {
    if (kinds[unit] === KIND.part)
      folded[unit] = String.fromCharCode(unit).toLowerCase().normalize('NFD').charCodeAt(0);
  });
  for (let unit: number = FULL_WIDTH.from; unit <= FULL_WIDTH.to; unit++) {
    kinds[unit] = kinds[unit - FULL_WIDTH.less]!;
    folded[unit] = folded[unit - FULL_WIDTH.less]!;
  }
  return { kinds, folded };
}

const { kinds, folded } = wordTable();

export function canonicalWords(text: string): string[] {
  const words: string[] = [];
  let word = '';
  const end = (): void => {
    if (word !== '') words.push(word);
    word = '';
  };
  const length = Math.min(text.length, MOST_CHARS);
  for (let at = 0; at < length; at++) {
    const unit = text.charCodeAt(at);
    const kind = kinds[unit];
    if (kind === KIND.invisible) continue;
    if (kind !== KIND.part) end();
    if (kind === KIND.between) continue;
    word += String.fromCharCode(folded[unit]!);
    if (kind === KIND.word) end();
  }
  end();
  return words;
}
