// The readme of a version, as text.

import type { OpenVersion } from '#lib/dataset/version-reader.ts';
import { FormatError } from '#lib/formats/errors.ts';

/** Markdown, or null. @throws FormatError */
export async function readmeOf(
  { name, version: { readme }, block }: OpenVersion,
  signal: AbortSignal,
): Promise<string | null> {
  if (!readme) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await block(readme, signal));
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new FormatError(`${name} readme`, 'the text is not valid UTF-8', { cause });
  }
}
