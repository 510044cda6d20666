// Splits a text into consecutive JSON objects while it arrives, separated by white space and commas. Tracks quotes and brackets
// only; objects are validated when they are parsed.

import { FileTruncatedError, FormatError } from '#lib/formats/errors.ts';

export interface ObjectText {
  source: string;
  /** Line where it begins, from 1. */
  line: number;
}

export interface ObjectSplitter {
  /** The objects completed by this piece. @throws FormatError */
  push(text: string): ObjectText[];
  /** @throws FileTruncatedError when the last one did not end */
  end(): void;
}

export function createObjectSplitter(name: string, maxChars: number): ObjectSplitter {
  let depth = 0;
  let inString = false;
  let isEscaped = false;
  let parts: string[] = [];
  let kept = 0;
  let [line, startLine, count] = [1, 1, 0];
  return {
    push(text) {
      const found: ObjectText[] = [];
      let from = 0;
      for (let at = 0; at < text.length; at++) {
        const c = text[at]!;
        if (c === '\n') line++;
        if (inString) {
          if (isEscaped) isEscaped = false;
          else if (c === '\\') isEscaped = true;
          else if (c === '"') inString = false;
        } else if (depth === 0) {
          if (c === '{') {
            depth = 1;
            from = at;
            startLine = line;
          } else if (!/[\s,]/.test(c)) {
            throw new FormatError(
              `${name} line ${line}`,
              `something stands ${count === 0 ? 'before the first' : 'after an'} object`,
              {
                hint: 'Remove it, or save the file as JSONL.',
              },
            );
          }
        } else if (c === '"') inString = true;
        else if (c === '{' || c === '[') depth++;
        else if ((c === '}' || c === ']') && --depth === 0) {
          parts.push(text.slice(from, at + 1));
          found.push({ source: parts.join(''), line: startLine });
          count++;
          parts = [];
          kept = 0;
        }
      }
      if (depth > 0) {
        parts.push(text.slice(from));
        kept += text.length - from;
        if (kept > maxChars) {
          throw new FormatError(`${name} line ${startLine}`, `an object is longer than ${maxChars} characters`, {
            hint: 'Save the file as JSONL, or as a list of objects.',
          });
        }
      }
      return found;
    },
    end() {
      if (depth > 0) throw new FileTruncatedError(name, `it ends within the object that begins in line ${startLine}`);
    },
  };
}
