// A corpus of broken files, the same on every machine: valid files of every kind, mutated (cut, bits flipped, parts repeated,
// lengths changed), and files that were never valid. Each is named after its mutation.

import { docxBytes, paragraph, parquetBytes, pdfBytes, PNG } from './import-files.ts';

export interface BrokenFile {
  name: string;
  bytes: Uint8Array;
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Valid and small. */
export const SOUND: readonly BrokenFile[] = [
  {
    name: 'chat.jsonl',
    bytes: text('{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"é"}]}\n'.repeat(4)),
  },
  { name: 'list.json', bytes: text('[{"text":"a"},{"text":"b, [c]"},{"text":"d"}]') },
  { name: 'table.csv', bytes: text('prompt,completion\n"a, ""b""",c\nd,e\n') },
  { name: 'table.tsv', bytes: text('text\tn\na\t1\nb\t2\n') },
  { name: 'prose.txt', bytes: text('One.\n\nTwo.\n') },
  { name: 'prose.md', bytes: text('# Title\n\nOne.\n') },
  { name: 'word.docx', bytes: docxBytes(paragraph('Title', 'Heading1') + paragraph('Text.')) },
  { name: 'pages.pdf', bytes: pdfBytes(['First.', 'Second.']) },
  {
    name: 'rows.parquet',
    bytes: parquetBytes({ text: ['a', 'b', 'c'], n: [1, 2, 3], tags: [['x'], [], ['y', 'z']] }, 2),
  },
  { name: 'pixel.png', bytes: PNG },
];

/** A sequence of numbers from a seed. */
export function randomFrom(seed: number): (below: number) => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const HOW: readonly [string, (bytes: Uint8Array, random: (below: number) => number) => Uint8Array][] = [
  ['cut', (bytes, random) => bytes.slice(0, random(bytes.length))],
  ['beheaded', (bytes, random) => bytes.slice(1 + random(Math.max(1, bytes.length - 1)))],
  ['bit', (bytes, random) => with_(bytes, random(bytes.length), (byte) => byte ^ (1 << random(8)))],
  ['noise', (bytes, random) => Uint8Array.from(bytes, (byte) => (random(12) === 0 ? random(256) : byte))],
  ['high', (bytes, random) => with_(bytes, random(bytes.length), () => 0xff)],
  ['zeros', (bytes, random) => Uint8Array.from(bytes, (byte, at) => (at % 7 === random(7) ? 0 : byte))],
  ['doubled', (bytes) => new Uint8Array([...bytes, ...bytes])],
  [
    'hole',
    (bytes, random) => {
      const [from, size] = [random(bytes.length), 1 + random(32)];
      return new Uint8Array([...bytes.subarray(0, from), ...bytes.subarray(from + size)]);
    },
  ],
  [
    'swapped',
    (bytes, random) => {
      const at = random(bytes.length);
      return new Uint8Array([...bytes.subarray(at), ...bytes.subarray(0, at)]);
    },
  ],
  [
    'claims',
    (bytes, random) => {
      // Four bytes that many formats read as a length.
      const copy = bytes.slice();
      const at = random(Math.max(1, bytes.length - 4));
      copy.set([0xff, 0xff, 0xff, 0x7f].slice(0, bytes.length - at), at);
      return copy;
    },
  ],
];

function with_(bytes: Uint8Array, at: number, change: (byte: number) => number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = change(copy[at]!);
  return copy;
}

const NEVER_SOUND: readonly BrokenFile[] = [
  ...['', ' ', '\n', '\uFEFF', '{', '}', '[', ']', '[[', '{"a":', 'null', '"', '\\', '[,]', '{}{}'].flatMap((content) =>
    ['x.jsonl', 'x.json', 'x.csv'].map((name) => ({ name, bytes: text(content) })),
  ),
  { name: 'deep.json', bytes: text(`[${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}]`) },
  { name: 'deep.jsonl', bytes: text('['.repeat(200_000)) },
  { name: 'keys.jsonl', bytes: text(`{${Array.from({ length: 20_000 }, (_, n) => `"k${n}":${n}`).join()}}`) },
  { name: 'same-keys.jsonl', bytes: text(`{${'"a":1,'.repeat(20_000)}"a":1}`) },
  {
    name: 'proto.jsonl',
    bytes: text('{"__proto__":{"text":"x"},"constructor":1,"text":"a"}\n{"text":{"__proto__":1}}'),
  },
  { name: 'proto.csv', bytes: text('__proto__,text\na,b\n') },
  { name: 'numbers.jsonl', bytes: text(`{"text":"a","n":${'9'.repeat(5000)}}\n{"text":"a","n":1e999}`) },
  { name: 'surrogate.jsonl', bytes: text('{"text":"\\ud800"}\n{"text":"\\udfff\\ud800"}') },
  { name: 'quotes.csv', bytes: text('"'.repeat(30_001)) },
  { name: 'commas.csv', bytes: text(`${','.repeat(30_000)}\n`) },
  { name: 'rows.csv', bytes: text(`a,b\n${'"\n'.repeat(20_000)}`) },
  { name: 'bomb.docx', bytes: docxBytes(paragraph('a'.repeat(17 << 20))) },
  { name: 'laughs.docx', bytes: docxBytes('<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>&b;') },
  { name: 'nested.docx', bytes: docxBytes('<a>'.repeat(100_000)) },
  {
    name: 'circle.pdf',
    bytes: text(
      '%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 1 0 R /Kids [1 0 R] /Count 9 >>\nendobj\ntrailer\n<< /Root 1 0 R /Size 2 /Prev 0 >>\nstartxref\n0\n%%EOF',
    ),
  },
];

/** At least 200 files; `rounds` of each mutation of each valid file. */
export function brokenFiles(rounds = 2): BrokenFile[] {
  const broken = SOUND.flatMap(({ name, bytes }, which) =>
    HOW.flatMap(([how, change], way) =>
      Array.from({ length: rounds }, (_, round) => ({
        name: `${how}-${round}-${name}`,
        bytes: change(bytes, randomFrom(which * 1000 + way * 10 + round)),
      })),
    ),
  );
  return [...broken, ...NEVER_SOUND];
}
