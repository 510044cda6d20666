// Decodes tokens to text incrementally: emits only text that no later token can change, so that the pieces joined equal the whole
// decoded at once. `token-bytes.ts` gives the bytes of tokens.

import type { TokenBytes } from './token-bytes.ts';

export interface TextStream {
  /** Text completed by this token; empty while a character is incomplete. */
  push(id: number): string;
  /** The remaining text: an incomplete character becomes U+FFFD. */
  end(): string;
}

export interface TextStreamSettings {
  /** The tokens continue earlier text, so a leading space is kept. */
  continues?: boolean;
}

export function createTextStream(tokens: TokenBytes, settings: TextStreamSettings = {}): TextStream {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let spacesToDrop = settings.continues ? 0 : tokens.leadingSpaces;
  const clean = (text: string): string => {
    if (spacesToDrop === 0 || text === '') return text;
    let from = 0;
    while (from < spacesToDrop && text[from] === ' ') from++;
    // Only spaces so far: the next token may add more.
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
