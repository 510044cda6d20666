// Whether an answer is JSON: an object or a list, alone or as the one fenced block of the answer. A bare number or word is JSON to a
// parser, but says nothing about a model that is to write JSON.

/** Longer answers are not read, and not valid. */
const MAX_LETTERS = 1 << 20;
const FENCE = '```';

export function isJsonAnswer(text: string): boolean {
  if (text.length > MAX_LETTERS) return false;
  const whole = text.trim();
  return isStructure(whole) || isStructure(fencedBlock(whole));
}

function isStructure(text: string | null): boolean {
  if (text === null || !/^[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    // What a model writes is often almost JSON.
    return false;
  }
}

/** What stands in the fence; null where there is no fence, or more than one. */
function fencedBlock(text: string): string | null {
  const parts = text.split(FENCE, 4);
  if (parts.length !== 3) return null;
  const block = parts[1]!;
  const line = block.indexOf('\n');
  // The first line names the language.
  return line < 0 ? null : block.slice(line + 1).trim();
}
