// A segment as blocks, `evidence/segment@1`: a block of dag-cbor that names the shards it was made of, and its parts in raw blocks.
// The bytes are the same for the same rows. What is read is checked in full: the order of its suffixes, too. Whether its words are
// those of the rows is checked where a match is shown.

import type { CID } from 'multiformats/cid';
import { fromHex, joinBytes, type Hex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { MAX_RAW_BYTES, RAW, rawCidOf, type Block } from '#lib/formats/block/block.ts';
import { decodeFields, fieldsOf } from '#lib/formats/block/cbor-fields.ts';
import { MOST_IN_SHARD } from '#lib/formats/datanet/datanet-shards.ts';
import { cborBlock } from '#lib/formats/datanet/paged-list.ts';
import { FormatError } from '#lib/formats/errors.ts';
import { UNIT } from './evidence-words.ts';
import { PART_END, startsOf, type Segment } from './segment.ts';

const KIND = 'evidence/segment@1';
const FIELDS = ['kind', 'unit', 'shards', 'rows', 'tokens', 'words', 'suffixes', 'dictionary', 'blocks'];

/** A full segment and the largest shard, of a million signs. */
const MAX_TOKENS = 1 << 23;
/** Its head stays below the largest block. */
export const MAX_SEGMENT_SHARDS = 1 << 14;
/** 64 characters of four bytes at most, and a line end. */
const MAX_DICTIONARY_BYTES = 1 << 26;
const MAX_BLOCKS = (MAX_TOKENS * 9 + MAX_DICTIONARY_BYTES) / MAX_RAW_BYTES;

export interface SegmentHead {
  /** sha2-256 digests of the shards that it covers, in order. */
  shards: readonly Hex[];
  rows: number;
  tokens: number;
  words: number;
  suffixes: number;
  /** Bytes of the words. */
  dictionary: number;
  blocks: readonly CID[];
}

/** The blocks of a segment; the last one is its head. */
export function encodeSegment(segment: Segment, shards: readonly Hex[], digester: Digester): Block[] {
  const { words, tokens, rowEnds, suffixes } = segment;
  const dictionary = new TextEncoder().encode(words.map((word) => `${word}\n`).join(''));
  const place = widthOf(tokens.length);
  const body = joinBytes([
    dictionary,
    packed(rowEnds, place),
    packed(tokens, widthOf(words.length)),
    packed(suffixes, place),
  ]);
  const blocks: Block[] = [];
  for (let from = 0; from < body.length; from += MAX_RAW_BYTES) {
    const bytes = body.slice(from, from + MAX_RAW_BYTES);
    blocks.push({ cid: rawCidOf(digester.sha256(bytes)), bytes });
  }
  const head = {
    kind: KIND,
    unit: UNIT,
    shards: shards.map(fromHex),
    rows: rowEnds.length,
    tokens: tokens.length,
    words: words.length,
    suffixes: suffixes.length,
    dictionary: dictionary.length,
    blocks: blocks.map(({ cid }) => cid),
  };
  return [...blocks, cborBlock(head, digester)];
}

export function parseSegmentHead(bytes: Uint8Array, file: string): SegmentHead {
  const fields = decodeFields(bytes, FIELDS, file);
  if (fields.value('kind') !== KIND) throw new FormatError(file, `it is not a ${KIND}`);
  if (fields.value('unit') !== UNIT) throw fields.bad('unit', `is not ${UNIT}`);
  const shards = fields.list('shards', MAX_SEGMENT_SHARDS, (digest, at) =>
    fieldsOf({ digest }, ['digest'], file, at).hex('digest', 32),
  );
  const head: SegmentHead = {
    shards,
    rows: fields.count('rows', shards.length * MOST_IN_SHARD, 1),
    tokens: fields.count('tokens', MAX_TOKENS),
    words: fields.count('words', MAX_TOKENS),
    suffixes: fields.count('suffixes', MAX_TOKENS),
    dictionary: fields.count('dictionary', MAX_DICTIONARY_BYTES),
    blocks: fields.list('blocks', MAX_BLOCKS, (cid, at) => fieldsOf({ cid }, ['cid'], file, at).cid('cid', RAW)),
  };
  if (head.words > head.suffixes || head.suffixes > head.tokens) throw fields.bad('suffixes', 'does not fit');
  if (Math.ceil(bodyBytes(head) / MAX_RAW_BYTES) !== head.blocks.length) throw fields.bad('blocks', 'do not fit');
  return head;
}

/** @throws FormatError that says what is wrong in `file` */
export function parseSegment(head: SegmentHead, blocks: readonly Uint8Array[], file: string): Segment {
  const bad: Bad = (what, cause) => new FormatError(file, what, cause ? { cause } : {});
  const body = joinBytes(blocks);
  if (body.length !== bodyBytes(head)) throw bad(`it has ${body.length} bytes, not ${bodyBytes(head)}`);
  const place = widthOf(head.tokens);
  let from = 0;
  const take = (bytes: number): Uint8Array => body.subarray(from, (from += bytes));
  const words = parseWords(take(head.dictionary), head.words, bad);
  const rowEnds = unpacked(take(head.rows * place), place);
  const tokens = unpacked(take(head.tokens * widthOf(head.words)), widthOf(head.words));
  const suffixes = unpacked(take(head.suffixes * place), place);
  checkRows(rowEnds, tokens, bad);
  if (tokens.some((number) => number > head.words)) throw bad('a word has no entry in its list of words');
  const starts = startsOf(tokens, head.words);
  if (starts.at(-1) !== head.suffixes) throw bad(`it has ${starts.at(-1)} words, not ${head.suffixes}`);
  const segment = { words, tokens, rowEnds, suffixes, starts };
  checkOrder(segment, bad);
  return segment;
}

const bodyBytes = ({ dictionary, rows, tokens, words, suffixes }: SegmentHead): number =>
  dictionary + (rows + suffixes) * widthOf(tokens) + tokens * widthOf(words);

type Bad = (what: string, cause?: unknown) => FormatError;

function parseWords(bytes: Uint8Array, count: number, bad: Bad): string[] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw bad('its words are not valid UTF-8', cause);
  }
  const words = text.split('\n');
  if (words.pop() !== '' || words.length !== count) throw bad(`its list does not have ${count} words`);
  words.forEach((word, at) => {
    if (word === '' || (at > 0 && words[at - 1]! >= word)) throw bad(`its words are not sorted at ${at}`);
  });
  return words;
}

function checkRows(rowEnds: Int32Array, tokens: Int32Array, bad: Bad): void {
  rowEnds.forEach((end, row) => {
    const before = row === 0 ? 0 : rowEnds[row - 1]!;
    if (end < before || end > tokens.length) throw bad(`row ${row} ends before it begins`);
    if (end > before && tokens[end - 1] !== PART_END) throw bad(`row ${row} does not end with the end of a part`);
  });
  if (rowEnds.at(-1) !== tokens.length) throw bad('its last row does not end with its last word');
}

/** That `suffixes` has every place of a word once, in the right order: each pair of neighbours is compared by one step. */
function checkOrder({ tokens, suffixes }: Segment, bad: Bad): void {
  /** Of an end of a part: below all words, and the earlier ones below the later ones. */
  const rank = Int32Array.from(tokens, (number, at) => (number === PART_END ? at - tokens.length : UNRANKED));
  suffixes.forEach((at, slot) => {
    if (at >= tokens.length || rank[at] !== UNRANKED) throw bad(`suffix ${slot} has no place of its own`);
    rank[at] = slot;
  });
  for (let slot = 1; slot < suffixes.length; slot++) {
    const [a, b] = [suffixes[slot - 1]!, suffixes[slot]!];
    const isSorted = tokens[a] === tokens[b] ? rank[a + 1]! < rank[b + 1]! : tokens[a]! < tokens[b]!;
    if (!isSorted) throw bad(`suffixes ${slot - 1} and ${slot} are not in order`);
  }
}

const UNRANKED = 0x7fffffff;

/** Bytes of a number up to `most`. */
const widthOf = (most: number): number => (most < 1 << 8 ? 1 : most < 1 << 16 ? 2 : 3);

function packed(numbers: Int32Array, width: number): Uint8Array {
  const bytes = new Uint8Array(numbers.length * width);
  for (let at = 0, to = 0; at < numbers.length; at++)
    for (let byte = 0; byte < width; byte++) bytes[to++] = numbers[at]! >>> (8 * byte);
  return bytes;
}

function unpacked(bytes: Uint8Array, width: number): Int32Array {
  const numbers = new Int32Array(bytes.length / width);
  for (let at = 0, from = 0; at < numbers.length; at++)
    for (let byte = 0; byte < width; byte++) numbers[at]! |= bytes[from++]! << (8 * byte);
  return numbers;
}
