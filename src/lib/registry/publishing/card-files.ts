// What lies beside an adapter's own files: the card for programs and for people, the public summary of the training content, and the
// manifest of the training run where there is one.

import { sha256 } from 'hash-wasm';
import { CARD_FILE, encodeModelCard, MAX_CARD_BYTES, type ModelCard } from '#lib/formats/model/model-card.ts';
import { textFile, type ExportedFile } from '#lib/model/exports/exported-file.ts';
import { NotPublishableError } from '../errors.ts';
import { cardText } from './card-text.ts';
import { trainingContent, type ContentFacts } from './training-content.ts';
import { TRAINING_FILE, type TrainingFacts } from './training-facts.ts';

export interface CardFacts extends ContentFacts {
  /** The manifest of the training run, and what the card shows of it. */
  training: { text: string; facts: TrainingFacts } | null;
}

/** The card as it is written names the manifest by its hash. @throws NotPublishableError for a card that is too long */
export async function cardFiles(facts: CardFacts): Promise<{ card: ModelCard; files: ExportedFile[] }> {
  const { training } = facts;
  const card: ModelCard = {
    ...facts.card,
    training: training === null ? null : { file: TRAINING_FILE, sha256: await sha256(training.text) },
  };
  const text = encodeModelCard(card);
  if (new TextEncoder().encode(text).length > MAX_CARD_BYTES)
    throw new NotPublishableError('The card would be longer than 1 MiB.', 'Adapt fewer modules by name.');
  const files = [
    textFile('README.md', cardText(card, training && training.facts)),
    textFile(CARD_FILE, text),
    textFile('training-content.md', trainingContent({ ...facts, card })),
  ];
  if (training !== null) files.push(textFile(TRAINING_FILE, training.text));
  return { card, files };
}
