// card.json, `model/card@1`: what a published adapter is, which base it fits and where that is, what it was trained on, under which
// licences. Lies beside the adapter's files, so the content id of the folder covers it. Converts between text and checked fields.

import type { ModelVersion } from '../payment/lineage.ts';
import { FormatError } from '../errors.ts';
import { isJsonObject, parseJsonObject, type JsonObject } from '../json/json-file.ts';

export const CARD_FILE = 'card.json';
export const CARD_KIND = 'model/card@1';
/** More is refused, written or read. */
export const MAX_CARD_BYTES = 1 << 20;

export interface CardBase {
  /** `ipfs:CID` or `owner/name@commit` of the hub. */
  place: string;
  /** sha256 (hex) over config.json and the files of weights, as the registry has it. */
  id: string;
  family: string;
  licence: string;
}

export interface CardAdapter {
  /** sha256 (hex) over the two files of PEFT, as the registry has it. */
  id: string;
  kind: 'lora' | 'rslora' | 'dora';
  /** Highest rank. */
  rank: number;
  targets: string[];
  files: { path: string; bytes: number; sha256: string }[];
}

/** A Datanet version that the adapter was trained on. */
export interface CardData {
  /** `chain:contract:id`. */
  datanet: string;
  version: number;
  name: string;
  /** Content id of the version. */
  manifest: string;
  licence: string;
  /** Licences that single rows name, other than that. */
  rowLicences: string[];
  /** Of the version, and how many of them were used. */
  rows: number;
  rowsUsed: number;
  contributors: number;
}

export interface ModelCard {
  name: string;
  description: string;
  licence: string;
  base: CardBase;
  adapter: CardAdapter;
  data: CardData[];
  parent: ModelVersion | null;
  /** The manifest of the training run; null where none was given. */
  training: { file: string; sha256: string } | null;
}

/** What is needed to open the model again. */
export type CardPlaces = { base: CardBase; adapter: Pick<CardAdapter, 'id'> };

export function encodeModelCard({ parent, ...card }: ModelCard): string {
  const from = parent && { model: String(parent.model), version: parent.version };
  return `${JSON.stringify({ kind: CARD_KIND, ...card, parent: from }, null, 2)}\n`;
}

/** Reads what opening needs; other fields are for people and other tools. @throws FormatError that names the field */
export function parseModelCard(text: string, file: string): CardPlaces {
  const card = parseJsonObject(text, file);
  if (card['kind'] !== CARD_KIND) throw new FormatError(file, `it is not a ${CARD_KIND}`);
  const base = objectOf(card, 'base', file);
  const adapter = objectOf(card, 'adapter', file);
  return {
    base: {
      place: textOf(base, 'place', file),
      id: digestOf(base, file),
      family: textOf(base, 'family', file),
      licence: textOf(base, 'licence', file),
    },
    adapter: { id: digestOf(adapter, file) },
  };
}

const MAX_TEXT = 2000;

function objectOf(card: JsonObject, name: string, file: string): JsonObject {
  const value = card[name];
  if (!isJsonObject(value)) throw new FormatError(file, `field "${name}" is not an object`);
  return value;
}

function textOf(of: JsonObject, name: string, file: string): string {
  const value = of[name];
  if (typeof value !== 'string' || value === '' || value.length > MAX_TEXT)
    throw new FormatError(file, `field "${name}" is no text of at most ${MAX_TEXT} characters`);
  return value;
}

function digestOf(of: JsonObject, file: string): string {
  const id = textOf(of, 'id', file);
  if (!/^[0-9a-f]{64}$/.test(id)) throw new FormatError(file, 'field "id" is not a sha256 in hexadecimal');
  return id;
}
