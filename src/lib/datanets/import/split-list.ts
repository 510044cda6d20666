// Splits the text of a JSON list into the texts of its entries while it arrives. Tracks quotes and brackets only; entries are
// validated when they are parsed.

import { FormatError, FileTruncatedError } from '#lib/formats/errors.ts';

export interface ListEntry {
  source: string;
  /** Line where it begins, from 1. */
  line: number;
  /** From 0. */
  index: number;
}

export interface ListSplitter {
  /** The entries completed by this piece. @throws FormatError */
  push(text: string): ListEntry[];
  /** @throws FileTruncatedError when the list did not end */
  end(): void;
}

const [QUOTE, SLASH, COMMA] = [0x22, 0x5c, 0x2c];
const isOpening = (unit: number): boolean => unit === 0x7b || unit === 0x5b;
const isClosing = (unit: number): boolean => unit === 0x7d || unit === 0x5d;
const isSpace = (unit: number): boolean => unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09;

export function createListSplitter(name: string, maxChars: number): ListSplitter {
  let state: 'before' | 'inside' | 'after' = 'before';
  let depth = 0;
  let inString = false;
  let isEscaped = false;
  let parts: string[] = [];
  let kept = 0;
  let line = 1;
  let startLine = 0;
  let index = 0;

  const take = (rest: string, entries: ListEntry[], isLast: boolean): void => {
    const source = parts.length === 0 ? rest : parts.join('') + rest;
    parts = [];
    kept = 0;
    if (source.trim() === '') {
      if (isLast && index === 0) return;
      throw new FormatError(`${name} line ${line}`, `record ${index + 1} is empty`, {
        hint: 'Remove the comma too many.',
      });
    }
    entries.push({ source, line: startLine, index: index++ });
    startLine = 0;
  };

  return {
    push(text) {
      const entries: ListEntry[] = [];
      let from = 0;
      for (let at = 0; at < text.length; at++) {
        const unit = text.charCodeAt(at);
        if (unit === 0x0a) line++;
        if (inString) {
          if (isEscaped) isEscaped = false;
          else if (unit === SLASH) isEscaped = true;
          else if (unit === QUOTE) inString = false;
          continue;
        }
        if (isSpace(unit)) continue;
        if (state === 'before') {
          state = 'inside';
          from = at + 1;
          continue;
        }
        if (state === 'after') {
          throw new FormatError(`${name} line ${line}`, 'something stands after the end of the list', {
            hint: 'Remove it, or save the file as JSONL.',
          });
        }
        const ends = depth === 0 && (unit === COMMA || unit === 0x5d);
        if (!ends && startLine === 0) startLine = line;
        if (ends) {
          take(text.slice(from, at), entries, unit !== COMMA);
          from = at + 1;
          if (unit !== COMMA) state = 'after';
        } else if (unit === QUOTE) inString = true;
        else if (isOpening(unit)) depth++;
        else if (isClosing(unit)) depth--;
        if (depth < 0) throw new FormatError(`${name} line ${line}`, 'a bracket closes that was never opened');
      }
      if (state === 'inside') {
        parts.push(text.slice(from));
        kept += text.length - from;
        if (kept > maxChars) {
          throw new FormatError(
            `${name} line ${startLine || line}`,
            `record ${index + 1} is longer than ${maxChars} characters`,
            {
              hint: 'Check the quotes and brackets of this record.',
            },
          );
        }
      }
      return entries;
    },
    end() {
      if (state !== 'after') throw new FileTruncatedError(name, `the list ends within record ${index + 1}`);
    },
  };
}
