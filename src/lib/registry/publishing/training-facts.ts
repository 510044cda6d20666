// What a card shows of the manifest of a training run. The manifest itself is published beside the card.

export interface Curve {
  name: string;
  points: number;
  first: number;
  last: number;
  least: number;
}

export interface TrainingSource {
  name: string;
  licence: string;
  rows: number;
  /** Content id of a Datanet version, or sha256 of a file; null where it has none. */
  id: string | null;
}

export interface TrainingFacts {
  /** Settings with their values as text. */
  recipe: [string, string][];
  curves: Curve[];
  sources: TrainingSource[];
}

export const TRAINING_FILE = 'training.json';
