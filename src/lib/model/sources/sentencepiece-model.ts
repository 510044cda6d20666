// Reads `tokenizer.model` of SentencePiece: a protobuf message with the pieces, how they were trained, and how a text is normalised.
// Only the fields that decide how a text is cut are read; what would change a text and is not computed here is refused.

import { FormatError, UnsupportedError } from '#lib/formats/errors.ts';

export interface SentencePieceModel {
  tokens: string[];
  scores: number[];
  types: number[];
  /** A text begins with a space. */
  hasPrefix: boolean;
}

const MAX_PIECES = 2_000_000;
const MAX_PIECE_BYTES = 4096;
const NORMAL = 1;
const BPE = 2;
const OTHER_KINDS: Record<number, string> = { 1: 'unigram', 3: 'word', 4: 'char' };

/** One field of a message: its number, and a number or bytes. */
type Field = [number: number, value: number | Uint8Array];

export function parseSentencePiece(bytes: Uint8Array, file: string): SentencePieceModel {
  const model: SentencePieceModel = { tokens: [], scores: [], types: [], hasPrefix: true };
  let kind = 1;
  let collapses = true;
  for (const [number, value] of fieldsOf(bytes, file)) {
    if (typeof value === 'number') continue;
    if (number === 1) {
      if (model.tokens.length === MAX_PIECES)
        throw new FormatError(file, `the vocabulary has more than ${MAX_PIECES} pieces`);
      readPiece(value, file, model);
    } else if (number === 2) {
      for (const [of, setting] of fieldsOf(value, file)) if (of === 3 && typeof setting === 'number') kind = setting;
    } else if (number === 3) {
      for (const [of, setting] of fieldsOf(value, file)) {
        if (of === 2 && typeof setting !== 'number' && setting.length > 0)
          refuse(file, 'rewrites characters of a text');
        if (of === 3) model.hasPrefix = setting !== 0;
        if (of === 4) collapses = setting !== 0;
        if (of === 5 && setting === 0) refuse(file, 'keeps spaces as they are');
      }
    }
  }
  if (model.tokens.length === 0) throw new FormatError(file, 'the file is no SentencePiece vocabulary');
  if (kind !== BPE) refuse(file, `is of kind ${OTHER_KINDS[kind] ?? kind}`);
  if (collapses) refuse(file, 'removes spaces of a text');
  return model;
}

function readPiece(bytes: Uint8Array, file: string, { tokens, scores, types }: SentencePieceModel): void {
  let [token, score, type] = ['', 0, NORMAL];
  for (const [number, value] of fieldsOf(bytes, file)) {
    if (number === 1 && typeof value !== 'number') {
      if (value.length > MAX_PIECE_BYTES) throw new FormatError(file, `a piece has ${value.length} bytes`);
      token = new TextDecoder().decode(value);
    } else if (number === 2 && typeof value !== 'number') {
      if (value.length !== 4) throw new FormatError(file, `a score has ${value.length} bytes instead of 4`);
      score = new DataView(value.slice().buffer).getFloat32(0, true);
    } else if (number === 3 && typeof value === 'number') type = value;
  }
  tokens.push(token);
  scores.push(score);
  types.push(type);
}

function refuse(file: string, what: string): never {
  throw new UnsupportedError(
    file,
    `the vocabulary ${what}, which is not computed`,
    'Add the tokenizer.json of the model, or send token ids.',
  );
}

/** Numbers as they are; texts, messages, and numbers of 4 and 8 bytes as bytes. */
function* fieldsOf(bytes: Uint8Array, file: string): Generator<Field> {
  let at = 0;
  const damaged = (): never => {
    throw new FormatError(file, 'the file is damaged, or no SentencePiece vocabulary');
  };
  const number = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[at++] ?? damaged();
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    return damaged();
  };
  const take = (length: number): Uint8Array => {
    if (length > bytes.length - at) return damaged();
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = number();
    const field = Math.floor(key / 8);
    switch (key % 8) {
      case 0:
        yield [field, number()];
        break;
      case 1:
        yield [field, take(8)];
        break;
      case 2:
        yield [field, take(number())];
        break;
      case 5:
        yield [field, take(4)];
        break;
      default:
        damaged();
    }
  }
}
