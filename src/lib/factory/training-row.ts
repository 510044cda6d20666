// Rows that a training run reads, and how an example names them. Where rows come from is a port: a version of a Datanet, a
// contribution, a file that was imported. Types only.

import type { JsonObject } from '#lib/formats/json/json-file.ts';
import type { Licence } from '#lib/formats/datanet/licences.ts';

export interface TrainingRow {
  id: string;
  /** sha256 of the canonical row. */
  leaf: Uint8Array;
  /** Opened, if the row is sealed and the user may read it. */
  value: JsonObject;
}

export interface RowSource {
  /** As users know it. */
  name: string;
  /** Content id of the version, or sha256 (hex) of the file. */
  id?: string | undefined;
  /** `own`: the user's own file, of which each row may name a licence. */
  licence: Licence | 'own';
  rows(signal?: AbortSignal): AsyncIterable<readonly TrainingRow[]>;
}

/** A row by its source's place in the list of sources and its id. */
export interface RowRef {
  source: number;
  id: string;
}

export interface SourcedRow extends TrainingRow {
  source: number;
}
