// A signed contribution as a text that curators or a fee payer send to the chain. Encodes and parses with checks; the registry
// verifies the signature.

import { base64url } from 'multiformats/bases/base64';
import { isAddress, isHex, type Hex } from 'viem';
import { FormatError } from '#lib/formats/errors.ts';
import { parseJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';
import type { ContributionTerms, SignedContribution } from './sign-contribution.ts';

export interface Offer extends SignedContribution {
  /** `chain:contract:id`, so that an offer is sent only to its own chain. */
  datanet: string;
}

const KIND = 'datanet/offer@1';
export const MAX_OFFER_CHARS = 4096;
const DATANET = /^\d{1,20}:0x[0-9a-f]{40}:\d{1,78}$/;

/**
 * @example
 * import { offerText } from '#lib/chain/actions/datanets/offer.ts';
 * import { signContribution } from '#lib/chain/actions/datanets/sign-contribution.ts';
 * import { datanetName } from '#lib/datanets/datanet-name.ts';
 *
 * const rows = { datanet: 3n, content: digest, rows: 250, rowsRoot: root };
 * const signed = await signContribution(chain, { ...rows, licence: 2, deadline });
 * await navigator.clipboard.writeText(offerText(datanetName(chain, 3n), signed));
 */
export function offerText(datanet: string, { terms, signature }: SignedContribution): string {
  const { datanet: _number, nonce, deadline, ...plain } = terms;
  const offer = { kind: KIND, datanet, ...plain, nonce: String(nonce), deadline: String(deadline), signature };
  return base64url.encode(new TextEncoder().encode(JSON.stringify(offer)));
}

const bad = (what: string, cause?: unknown): FormatError =>
  new FormatError('The offer', what, { hint: 'Copy the whole text of it.', cause });

/**
 * @throws FormatError with an explanation
 *
 * @example
 * import { parseOffer } from '#lib/chain/actions/datanets/offer.ts';
 *
 * const { datanet, terms } = parseOffer(text);
 * show(`${terms.rows} rows of ${terms.contributor} for ${datanet}`);
 */
export function parseOffer(text: string): Offer {
  if (text.length > 2 * MAX_OFFER_CHARS) throw bad('it is too long');
  const compact = text.replace(/\s+/g, '');
  if (compact.length > MAX_OFFER_CHARS) throw bad('it is too long');
  let offer: JsonObject;
  try {
    const json = new TextDecoder('utf-8', { fatal: true }).decode(base64url.decode(compact));
    offer = parseJsonObject(json, 'The offer');
  } catch (cause) {
    throw bad('it cannot be read', cause);
  }
  const { kind, datanet, contributor, content, rows, rowsRoot, licence, nonce, deadline, signature } = offer;
  if (kind !== KIND) throw bad(`it is not a ${KIND}`);
  if (typeof datanet !== 'string' || !DATANET.test(datanet)) throw bad('it names no Datanet');
  if (typeof contributor !== 'string' || !isAddress(contributor, { strict: false }))
    throw bad('it names no contributor');
  if (!isWord(content) || !isWord(rowsRoot)) throw bad('it names no rows');
  if (!isSmall(rows, 24) || !isSmall(licence, 32)) throw bad('its numbers are none');
  if (!isWhole(nonce) || !isWhole(deadline) || !isHex(signature)) throw bad('it is not signed');
  const id = BigInt(datanet.slice(datanet.lastIndexOf(':') + 1));
  const terms: ContributionTerms = {
    ...{ datanet: id, contributor, content, rows, rowsRoot, licence },
    ...{ nonce: BigInt(nonce), deadline: BigInt(deadline) },
  };
  return { datanet, terms, signature };
}

/**
 * @throws FormatError with an explanation, also when the offer is not for `datanet`
 *
 * @example
 * import { readOffer } from '#lib/chain/actions/datanets/offer.ts';
 * import { datanetName } from '#lib/datanets/datanet-name.ts';
 *
 * const { terms, signature } = readOffer(text, datanetName(chain, 3n));
 * if (terms.deadline <= BigInt(Math.floor(Date.now() / 1000))) show('The signature counts no longer');
 */
export function readOffer(text: string, datanet: string): Offer {
  const offer = parseOffer(text);
  if (offer.datanet !== datanet) {
    throw new FormatError('The offer', 'it is for another Datanet or chain', { hint: 'Bring it there.' });
  }
  return offer;
}

const isWord = (value: unknown): value is Hex => isHex(value) && value.length === 66;
const isSmall = (value: unknown, bits: number): value is number =>
  Number.isSafeInteger(value) && (value as number) > 0 && (value as number) < 2 ** bits;
const isWhole = (value: unknown): value is string => typeof value === 'string' && /^\d{1,20}$/.test(value);
