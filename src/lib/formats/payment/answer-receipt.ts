// The receipt of one answer, `payable/answer-receipt@1`: who answered whom, with what, what it cost, and what each row gets of it.
// Canonical dag-cbor with bounds. It converts between bytes and checked values; whether they are true is checked by
// flows/verify-receipt.ts.

import { encode } from '@ipld/dag-cbor';
import { fromHex, sizedBytes, toHex, uintBytes, type Hex } from '#lib/core/bytes.ts';
import { keccak256 } from '#lib/core/keccak.ts';
import { decodeFields, fieldsOf, type Fields } from '../block/cbor-fields.ts';
import { FormatError } from '../errors.ts';
import { isCanonicalSignature } from '../signature-form.ts';
import { packEntry, readEntry, TOP_ENTRIES, type CallEntry } from './call-rule.ts';
import { CALL_VECTOR_BYTES } from './call-vector.ts';
import { TAG } from './hash-tags.ts';
import type { PaymentTerms } from './payment-split.ts';
import { buildPlaceTree, placeLeaf, type PlaceTree } from './place-tree.ts';
import { ZERO_WORD } from './pot.ts';

/** The contract that takes the money. */
export interface ReceiptChain {
  chainId: number;
  settlement: Hex;
}

/** What one model version did for the answer: the base alone, or one adapter. A blend has a part for each adapter. */
export interface ReceiptPart {
  /** Both 0 for what is not registered on a chain. */
  modelId: number;
  version: number;
  /** Content hash of the adapter; zero for the base alone. */
  adapter: Hex;
  /** Its part of the blend; all parts add up to 10,000. */
  weightBps: number;
  /** sha2-256 digest of the file of influence (influence-file.ts); zero for a version without one. */
  artefact: Hex;
  /** keccak256 of `vector`; zero without one. */
  query: Hex;
  /** Root over `entries`; zero without any. */
  attribution: Hex;
  /** In force when it was answered. */
  terms: Required<Omit<PaymentTerms, 'hasContributors'>>;
  costWei: bigint;
  /** 258 bytes; null for a call without influence. */
  vector: Uint8Array | null;
  /** What the rule makes of the vector and the rows. */
  entries: readonly CallEntry[];
}

export interface AnswerReceipt {
  /** Null for a free answer: no chain is needed. */
  chain: ReceiptChain | null;
  /** Zero for a free answer without an account. */
  payer: Hex;
  /** Who answered; it signs. */
  node: Hex;
  /** Content hash of the base model. */
  base: Hex;
  /** Hash of the engine's version and settings. */
  engine: Hex;
  /** Salted hashes (revealed-text.ts). */
  input: Hex;
  output: Hex;
  inputTokens: number;
  outputTokens: number;
  /** log p(answer) with the adapters less that of the base, in thousandths of a nat. */
  liftMillinats: number;
  /** Seconds since 1970. */
  time: number;
  /** Of all parts together. */
  costWei: bigint;
  parts: readonly ReceiptPart[];
  /** EIP-712, by the node (answer-receipt-signature.ts). Null before it is signed. */
  signature: Hex | null;
}

const KIND = 'payable/answer-receipt@1';
/** Parts of a blend. */
export const MOST_PARTS = 8;
/** The largest receipt: eight parts of 64 entries each take 22 kB. */
export const MOST_RECEIPT_BYTES = 32_768;
/** The end of the year 9999. */
const MOST_TIME = 253_402_300_799;
const MOST_ID = 2 ** 32 - 1;
/** A million nats; longer answers than the engine writes stay far below it. */
const MOST_LIFT = 1e9;
const MOST_RHO_BPS = 8_000;
const WHOLE_BPS = 10_000;

const FIELDS = [
  ...['kind', 'chain', 'payer', 'node', 'base', 'engine', 'input', 'output', 'inputTokens', 'outputTokens', 'lift'],
  ...['time', 'cost', 'parts', 'signature'],
];
const PART_FIELDS = [
  ...['model', 'version', 'adapter', 'weight', 'artefact', 'query', 'attribution', 'terms', 'cost', 'vector'],
  'entries',
];
const TERMS = ['fee', 'dev', 'data', 'node', 'rho'];

/** The tree over the entries of a call, in their order: with it a single entry can be shown. */
export const buildEntryTree = (entries: readonly CallEntry[]): PlaceTree =>
  buildPlaceTree(entries.map((entry) => placeLeaf(TAG.entry, uintBytes(packEntry(entry), 32))));

/** The hash of a call's vector that payer and node sign; zero without one. */
export const vectorHashOf = (vector: Uint8Array | null): Hex =>
  vector === null ? ZERO_WORD : toHex(keccak256(vector));

const encodePart = ({ terms, ...part }: ReceiptPart) => ({
  model: part.modelId,
  version: part.version,
  adapter: sizedBytes(part.adapter, 32),
  weight: part.weightBps,
  artefact: sizedBytes(part.artefact, 32),
  query: sizedBytes(part.query, 32),
  attribution: sizedBytes(part.attribution, 32),
  terms: { fee: terms.feeBps, dev: terms.devBps, data: terms.dataBps, node: terms.nodeBps, rho: terms.rhoBps },
  cost: uintBytes(part.costWei, 12),
  vector: part.vector,
  entries: part.entries.map((entry) => uintBytes(packEntry(entry), 32)),
});

/** The block of a receipt. @throws FormatError, OutOfRangeError for a receipt that could not be parsed again */
export function encodeAnswerReceipt({ chain, parts, signature, ...rest }: AnswerReceipt): Uint8Array {
  const bytes: Uint8Array = encode({
    kind: KIND,
    chain: chain && { id: chain.chainId, settlement: sizedBytes(chain.settlement, 20) },
    payer: sizedBytes(rest.payer, 20),
    node: sizedBytes(rest.node, 20),
    base: sizedBytes(rest.base, 32),
    engine: sizedBytes(rest.engine, 32),
    input: sizedBytes(rest.input, 32),
    output: sizedBytes(rest.output, 32),
    inputTokens: rest.inputTokens,
    outputTokens: rest.outputTokens,
    lift: rest.liftMillinats,
    time: rest.time,
    cost: uintBytes(rest.costWei, 12),
    parts: parts.map(encodePart),
    signature: signature && sizedBytes(signature, 65),
  });
  parseAnswerReceipt(bytes, 'The receipt');
  return bytes;
}

/** @throws FormatError, FileTruncatedError that name the field */
export function parseAnswerReceipt(bytes: Uint8Array, file: string): AnswerReceipt {
  if (bytes.length > MOST_RECEIPT_BYTES) {
    throw new FormatError(file, `it has ${bytes.length} bytes; a receipt has at most ${MOST_RECEIPT_BYTES}`);
  }
  const fields = decodeFields(bytes, FIELDS, file);
  if (fields.value('kind') !== KIND) throw fields.bad('kind', `is not ${KIND}`);
  const chain = fields.optional('chain', (name): ReceiptChain => {
    const found = fieldsOf(fields.value(name), ['id', 'settlement'], file, name);
    return { chainId: found.count('id', Number.MAX_SAFE_INTEGER, 1), settlement: found.hex('settlement', 20) };
  });
  const parts = fields.list('parts', MOST_PARTS, (entry, where) =>
    readPart(fieldsOf(entry, PART_FIELDS, file, where), file, where, chain !== null),
  );
  checkParts(fields, parts);
  const signature = fields.optional('signature', (name) => fields.hex(name, 65));
  if (signature !== null && !isCanonicalSignature(signature)) {
    throw fields.bad('signature', 'is not written in the one way that is accepted');
  }
  const costWei = BigInt(fields.hex('cost', 12));
  if (chain === null && costWei > 0n) throw fields.bad('cost', 'is paid, but no chain is named');
  return {
    chain,
    payer: fields.hex('payer', 20),
    node: fields.hex('node', 20),
    base: fields.hex('base', 32),
    engine: fields.hex('engine', 32),
    input: fields.hex('input', 32),
    output: fields.hex('output', 32),
    inputTokens: fields.count('inputTokens', MOST_ID),
    outputTokens: fields.count('outputTokens', MOST_ID),
    liftMillinats: fields.count('lift', MOST_LIFT, -MOST_LIFT),
    time: fields.count('time', MOST_TIME),
    costWei,
    parts,
    signature,
  };
}

function readPart(part: Fields, file: string, where: string, isOnChain: boolean): ReceiptPart {
  const found = fieldsOf(part.value('terms'), TERMS, file, `${where}.terms`);
  const bps = (name: string, most = WHOLE_BPS) => found.count(name, most);
  const [devBps, dataBps, nodeBps] = [bps('dev'), bps('data'), bps('node')];
  if (devBps + dataBps + nodeBps !== WHOLE_BPS) throw part.bad('terms', `do not add up to ${WHOLE_BPS}`);
  const least = isOnChain ? 1 : 0;
  const most = isOnChain ? MOST_ID : 0;
  const artefact = part.hex('artefact', 32);
  const vector = part.optional('vector', (name) => fromHex(part.hex(name, CALL_VECTOR_BYTES)));
  if (vector !== null && artefact === ZERO_WORD) throw part.bad('vector', 'has no file of influence');
  const entries = part.list('entries', TOP_ENTRIES, (word, at) => {
    if (!(word instanceof Uint8Array) || word.length !== 32)
      throw new FormatError(file, `${at} does not have 32 bytes`);
    return readEntry(BigInt(toHex(word)));
  });
  if (vector === null && entries.length > 0) throw part.bad('entries', 'follow from no vector');
  entries.forEach(({ weight, cluster }, at) => {
    if (weight === 0) throw part.bad(`entries[${at}]`, 'has no weight');
    if (at > 0 && entries[at - 1]!.cluster >= cluster) throw part.bad(`entries[${at}]`, 'is not sorted by cluster');
  });
  return {
    modelId: part.count('model', most, least),
    version: part.count('version', most, least),
    adapter: part.hex('adapter', 32),
    weightBps: part.count('weight', WHOLE_BPS, 1),
    artefact,
    query: part.hex('query', 32),
    attribution: part.hex('attribution', 32),
    terms: { feeBps: bps('fee'), devBps, dataBps, nodeBps, rhoBps: bps('rho', MOST_RHO_BPS) },
    costWei: BigInt(part.hex('cost', 12)),
    vector,
    entries,
  };
}

/** Of a registered version its number; the hash of the adapter decides among those that are not registered. */
const orderOf = ({ modelId, version, adapter }: ReceiptPart): string =>
  toHex(Uint8Array.of(...uintBytes(modelId, 4), ...uintBytes(version, 4), ...sizedBytes(adapter, 32)));

function checkParts(fields: Fields, parts: readonly ReceiptPart[]): void {
  if (parts.length === 0) throw fields.bad('parts', 'is empty');
  if (parts.reduce((sum, { weightBps }) => sum + weightBps, 0) !== WHOLE_BPS) {
    throw fields.bad('parts', `do not have weights that add up to ${WHOLE_BPS}`);
  }
  parts.forEach((part, at) => {
    if (at > 0 && orderOf(parts[at - 1]!) >= orderOf(part)) throw fields.bad(`parts[${at}]`, 'is not in order');
  });
}
