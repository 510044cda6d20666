// An example token by token, as the model reads it: the text of each token, special ones included, and whether it is learned.

import type { TextStream } from '#lib/model/text-stream.ts';
import type { TrainingExample } from './training-example.ts';

export interface PreviewToken {
  id: number;
  /** Text that this token completes; empty while a character is incomplete. */
  text: string;
  isLearned: boolean;
}

interface Decoder {
  decodeStream(settings: { special: boolean; continues: boolean }): TextStream;
}

export function previewExample({ ids, loss }: Pick<TrainingExample, 'ids' | 'loss'>, decoder: Decoder): PreviewToken[] {
  const stream = decoder.decodeStream({ special: true, continues: true });
  const tokens = Array.from(ids, (id, at) => ({ id, text: stream.push(id), isLearned: loss[at] === 1 }));
  const last = tokens.at(-1);
  // Cutting may end an example within a character.
  if (last) last.text += stream.end();
  return tokens;
}
