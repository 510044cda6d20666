// Labels for fields of contracts and signatures, and the units of numbers by field name.

import { asTime } from '#lib/core/time-words.ts';
import { inOpen, inPercent } from '../../words/amount-words.ts';
import { licenceWords } from '../../words/licence-words.ts';
import { shortNumber } from '../../words/short-words.ts';

const LABELS: Readonly<Record<string, string>> = {
  artefact: 'Fingerprint of the measurement',
  attribution: 'Fingerprint of the shares',
  callHash: 'Fingerprint of the call',
  caps: 'What the node offers',
  content: 'Fingerprint of what is signed',
  dataBps: 'Part of the contributors',
  dataHash: 'Fingerprint of the file with the receipts',
  deadline: 'Counts until',
  decisions: 'Fingerprint of the decisions',
  devBps: 'Part of the developer',
  expiry: 'Counts until',
  feeBps: 'Fee',
  liftMillinats: 'Gain by the adapters, in thousandths of a nat',
  manifest: 'Fingerprint of the version',
  meta: 'Fingerprint of the description',
  nodeBps: 'Part of the node',
  nonce: 'Number of this signature',
  peerId: 'The node’s key among peers',
  publicKey: 'Public key',
  quant: 'Bits of a weight',
  query: 'Fingerprint of the call’s influence',
  receipts: 'Fingerprint of the receipts',
  refs: 'Cited Datanets',
  rhoBps: 'Part shared by influence',
  root: 'Fingerprint of the tree',
  rowRoot: 'Fingerprint of the rows',
  rowsRoot: 'Fingerprint of the rows',
  sharesRoot: 'Fingerprint of the shares',
  sizeKiB: 'Size in KiB',
  validAfter: 'Counts from',
  validBefore: 'Counts until',
  weightBps: 'Weight',
};

/** "newVoteExtension" → "New vote extension". */
export function labelOf(name: string): string {
  const known = LABELS[name];
  if (known !== undefined) return known;
  const words = spokenName(name);
  return words === '' ? 'Given' : `${words[0]!.toUpperCase()}${words.slice(1)}`;
}

/** "setLateQuorum_" → "set late quorum". */
export const spokenName = (name: string): string =>
  name
    .replaceAll('_', ' ')
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .trim()
    .toLowerCase();

const AMOUNTS = new Set([
  'amount',
  'value',
  'total',
  'paid',
  'pool',
  'keep',
  'gross',
  'base',
  'perCall',
  'per1kTokens',
]);
const TIMES = new Set(['deadline', 'expiry', 'validAfter', 'validBefore', 'closeAt', 'from', 'to']);

/** Ten times the largest possible amount: such values mean "without limit". */
const NO_AMOUNT = 10n ** 28n;
export const openWords = (wei: bigint): string =>
  wei > NO_AMOUNT ? 'more OPEN than there is, all of it,' : inOpen(wei);

/** Formats a number of the product's contracts: by field name it is OPEN, a time in seconds, or basis points. */
export function meaningOf(name: string, value: bigint): string {
  if (AMOUNTS.has(name)) return openWords(value);
  if (TIMES.has(name) && value > 1_000_000_000n) return asTime(value);
  if (/bps_?$/i.test(name)) return inPercent(value);
  if (name === 'licence') return licenceWords(value);
  return shortNumber(value);
}
