// A contribution that somebody else brings to the chain, as a text to be handed over: the curators, or whoever pays the fee. Text
// out, checked terms in; whether the signature is right, the registry says.

import { base64url } from 'multiformats/bases/base64';
import { isAddress, isHex } from 'viem';
import type { ContributionTerms, SignedContribution } from '#lib/chain/actions/sign-contribution.ts';
import { FormatError } from '#lib/core/format/errors.ts';
import { parseJsonObject, type JsonObject } from '#lib/core/format/json-file.ts';

const KIND = 'datanet/offer@1';
const MOST_CHARS = 4096;

/** `datanet` is `chain:contract:id`, so that no offer is brought to another chain. */
export function offerText(datanet: string, { terms, signature }: SignedContribution): string {
  const { datanet: _number, nonce, deadline, ...plain } = terms;
  const offer = { kind: KIND, datanet, ...plain, nonce: String(nonce), deadline: String(deadline), signature };
  return base64url.encode(new TextEncoder().encode(JSON.stringify(offer)));
}

/** @throws FormatError in words, also when the offer is for another Datanet */
export function readOffer(text: string, datanet: string): SignedContribution {
  const bad = (what: string, cause?: unknown) =>
    new FormatError('The offer', what, { hint: 'Copy the whole text of it.', cause });
  const compact = text.replace(/\s+/g, '');
  if (compact.length > MOST_CHARS) throw bad('it is too long');
  let offer: JsonObject;
  try {
    offer = parseJsonObject(new TextDecoder().decode(base64url.decode(compact)), 'The offer');
  } catch (cause) {
    throw bad('it cannot be read', cause);
  }
  if (offer['kind'] !== KIND) throw bad(`it is no ${KIND}`);
  if (offer['datanet'] !== datanet) {
    throw new FormatError('The offer', 'it is for another Datanet or chain', { hint: 'Bring it there.' });
  }
  const { contributor, content, rows, rowsRoot, licence, nonce, deadline, signature } = offer;
  const isWord = (value: unknown): value is `0x${string}` => isHex(value) && value.length === 66;
  const isSmall = (value: unknown, bits: number): value is number =>
    Number.isSafeInteger(value) && (value as number) > 0 && (value as number) < 2 ** bits;
  const isWhole = (value: unknown): value is string => typeof value === 'string' && /^\d{1,20}$/.test(value);
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
  return { terms, signature };
}
