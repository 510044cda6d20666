// Added tokens, which are found in a text before it is tokenised: reads their declarations in tokenizer.json and the other files
// of a folder, and assigns ids by transformers' rules.

import { isJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';

export interface AddedToken {
  id: number;
  content: string;
  /** Not part of an answer's text. */
  special: boolean;
  /** Searched after normalization, and itself normalized. */
  normalized: boolean;
  /** Also takes the white space before or after it. */
  lstrip: boolean;
  rstrip: boolean;
  /** Matches only where no letter, digit or underscore is adjacent. */
  singleWord: boolean;
}

export type DeclaredToken = Omit<AddedToken, 'id'>;

/** Parses a token: text, or an object with flags. Null for anything else. */
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

/** The list of tokenizer.json. `fail` receives the error. */
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
 * Assigns ids like transformers, which ignores the ids in files: a token of the vocabulary keeps its id there, any other gets the
 * next free one. Repeated declarations are one token with the first one's flags; it is special if any of them says so.
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
