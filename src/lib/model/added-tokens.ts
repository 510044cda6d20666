// Tokens that are looked for in a text before anything else is done to it: who declares them, and which ids they have.
// It knows tokenizer.json's own list and what the other files of a folder add to it, by transformers' rules.

import { isJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';

export interface AddedToken {
  id: number;
  content: string;
  /** No text of an answer. */
  special: boolean;
  /** Looked for after normalization, and normalized itself. */
  normalized: boolean;
  /** Takes the white space before or behind it along. */
  lstrip: boolean;
  rstrip: boolean;
  /** Found only where no letter or digit touches it. */
  singleWord: boolean;
}

export type DeclaredToken = Omit<AddedToken, 'id'>;

/** A token as files write it: text, or an object with its flags. Null for anything else. */
export function readDeclared(value: unknown, special: boolean): DeclaredToken | null {
  const fields: JsonObject = isJsonObject(value) ? value : { content: value };
  const { content } = fields;
  if (typeof content !== 'string' || content === '') return null;
  const isSpecial = special || fields['special'] === true;
  const flag = (name: string, fallback = false) => (typeof fields[name] === 'boolean' ? fields[name] : fallback);
  return {
    content,
    special: isSpecial,
    normalized: flag('normalized', !isSpecial),
    lstrip: flag('lstrip'),
    rstrip: flag('rstrip'),
    singleWord: flag('single_word'),
  };
}

/** The list of tokenizer.json. `fail` names what is wrong with it. */
export function readAddedTokens(json: JsonObject, most: number, fail: (what: string) => never): DeclaredToken[] {
  const list = json['added_tokens'] ?? [];
  if (!Array.isArray(list)) return fail('field "added_tokens" of tokenizer.json is not a list');
  return (list as unknown[]).map((entry) => {
    const id = isJsonObject(entry) ? entry['id'] : undefined;
    const token = isJsonObject(entry) ? readDeclared(entry, false) : null;
    if (!token || !Number.isInteger(id) || (id as number) < 0 || (id as number) >= most)
      return fail('field "added_tokens" of tokenizer.json holds an entry without a valid id and content');
    return token;
  });
}

/**
 * Gives each token its id as the reference does, whichever id a file names: one of the vocabulary keeps the id it has there,
 * any other gets the next free one. Declared twice it is one token, by its first flags; once special, it is special.
 */
export function assignIds(
  declared: readonly DeclaredToken[],
  vocabulary: { size: number; idOf(content: string): number | undefined },
): AddedToken[] {
  const known = new Map<string, AddedToken>();
  let highest = -1;
  for (const token of declared) {
    const there = known.get(token.content);
    if (there) {
      there.special ||= token.special;
      continue;
    }
    const id = vocabulary.idOf(token.content) ?? Math.max(highest + 1, vocabulary.size);
    highest = Math.max(highest, id);
    known.set(token.content, { ...token, id });
  }
  return [...known.values()];
}
