// Tokens in, text out: emits only what no later token can change, so the pieces joined are the decoded whole.
// It handles bytes and UTF-8; `token-bytes.ts` says which bytes a token has.

import type { TokenBytes } from './token-bytes.ts';

export interface TextStream {
  /** The text this token completes; empty while a character is unfinished. */
  push(id: number): string;
  /** What is left: an unfinished character becomes U+FFFD. */
  end(): string;
}

export interface TextStreamSettings {
  /** The tokens go on from earlier text, so a leading space is real. */
  continues?: boolean;
}

export function createTextStream(tokens: TokenBytes, settings: TextStreamSettings = {}): TextStream {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let spacesToDrop = settings.continues ? 0 : tokens.leadingSpaces;
  const clean = (text: string): string => {
    if (spacesToDrop === 0 || text === '') return text;
    let from = 0;
    while (from < spacesToDrop && text[from] === ' ') from++;
    // Only spaces so far: more of them may follow in the next token.
    spacesToDrop = from === text.length ? spacesToDrop - from : 0;
    return text.slice(from);
  };
  return {
    push: (id) => {
      const bytes = tokens.of(id);
      return bytes.length === 0 ? '' : clean(decoder.decode(bytes, { stream: true }));
    },
    end: () => clean(decoder.decode()),
  };
}

/** Text of a finished answer. */
export function decodeAll(tokens: TokenBytes, ids: readonly number[], settings?: TextStreamSettings): string {
  const stream = createTextStream(tokens, settings);
  let text = '';
  for (const id of ids) text += stream.push(id);
  return text + stream.end();
}
