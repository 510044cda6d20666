// A state of a training as bytes: what it is of, its numbers, and a checksum over both. Bytes of another training, of another format or
// with an error are refused in words before any of them is used.

import { createSHA256 } from 'hash-wasm';
import { parseJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';
import { TrainingStateError } from './errors.ts';

/** What a state must be of, field by field; each value is compared with that of the training that is open. */
export type StateFacts = Readonly<Record<string, string | number>>;

const MAGIC = new TextEncoder().encode('payable training');
const VERSION = 1;
const FIXED_BYTES = MAGIC.length + 8;
const HASH_BYTES = 32;
const MAX_FACTS_BYTES = 1 << 20;

/** `numbers`: in pieces. */
export async function encodeTrainingState(
  facts: StateFacts,
  numbers: readonly Uint8Array[],
): Promise<Uint8Array<ArrayBuffer>> {
  const text = new TextEncoder().encode(JSON.stringify(facts));
  const bytes = numbers.reduce((sum, { length }) => sum + length, 0);
  const state = new Uint8Array(FIXED_BYTES + text.length + bytes + HASH_BYTES);
  state.set(MAGIC);
  const view = new DataView(state.buffer);
  view.setUint32(MAGIC.length, VERSION, true);
  view.setUint32(MAGIC.length + 4, text.length, true);
  state.set(text, FIXED_BYTES);
  let at = FIXED_BYTES + text.length;
  for (const piece of numbers) {
    state.set(piece, at);
    at += piece.length;
  }
  state.set(await sha256(state.subarray(0, at)), at);
  return state;
}

/** The numbers of a state of `facts`, `bytes` of them. @throws TrainingStateError */
export async function parseTrainingState(
  state: Uint8Array<ArrayBuffer>,
  facts: StateFacts,
  bytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const end = state.length - HASH_BYTES;
  if (end < FIXED_BYTES || MAGIC.some((byte, i) => state[i] !== byte)) {
    throw new TrainingStateError('These bytes are no saved training.', 'Choose a file that a training saved.');
  }
  const view = new DataView(state.buffer, state.byteOffset, state.byteLength);
  const version = view.getUint32(MAGIC.length, true);
  if (version !== VERSION) {
    throw new TrainingStateError(
      `The saved training has format ${version}; this version of the app reads format ${VERSION}.`,
      'Go on with the version of the app that saved it, or start the training again.',
    );
  }
  const stored = state.subarray(end);
  if ((await sha256(state.subarray(0, end))).some((byte, i) => stored[i] !== byte))
    throw damaged('its checksum differs');
  const textBytes = view.getUint32(MAGIC.length + 4, true);
  if (textBytes > MAX_FACTS_BYTES || FIXED_BYTES + textBytes > end) throw damaged('its header reaches past its end');
  const found = readFacts(state.subarray(FIXED_BYTES, FIXED_BYTES + textBytes));
  for (const name of new Set([...Object.keys(facts), ...Object.keys(found)])) {
    if (found[name] === facts[name]) continue;
    throw new TrainingStateError(
      `The saved training is another one: its ${name} is ${shown(found[name])}, here it is ${shown(facts[name])}.`,
      'Open the training with the same model, weight format and adapters as when it was saved.',
    );
  }
  const numbers = state.subarray(FIXED_BYTES + textBytes, end);
  if (numbers.length !== bytes) throw damaged(`it has ${numbers.length} bytes of numbers instead of ${bytes}`);
  return numbers;
}

function readFacts(bytes: Uint8Array): JsonObject {
  try {
    return parseJsonObject(new TextDecoder('utf-8', { fatal: true }).decode(bytes), 'a saved training');
  } catch (cause) {
    throw damaged('its header is no JSON object', cause);
  }
}

const shown = (value: unknown): string => (value === undefined ? 'missing' : JSON.stringify(value).slice(0, 80));

const damaged = (what: string, cause?: unknown) =>
  new TrainingStateError(`The saved training is damaged: ${what}.`, 'Go on from an earlier save.', cause);

async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  return (await createSHA256()).init().update(bytes).digest('binary');
}
