// AES-256-GCM for small secrets, with their context as authenticated data.

import { bytesToHex, hexToBytes, stringToBytes, type Hex } from 'viem';
import { CannotUnsealError } from './errors.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

export interface Sealed {
  iv: Hex;
  sealed: Hex;
}

const AES = { name: 'AES-GCM', length: 256 } as const;
const USES: KeyUsage[] = ['encrypt', 'decrypt'];

export const bytesOf = (hex: Hex): Bytes => new Uint8Array(hexToBytes(hex));
const utf8 = (text: string): Bytes => new Uint8Array(stringToBytes(text));

/** A non-extractable key. */
export const drawKey = ({ subtle }: Crypto): Promise<CryptoKey> => subtle.generateKey(AES, false, USES);

/** HKDF-SHA-256 (RFC 5869) of `secret` for the purpose `info`, as a non-extractable key. */
export async function deriveKey({ subtle }: Crypto, secret: Bytes, salt: Bytes, info: string): Promise<CryptoKey> {
  const material = await subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey']);
  return subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt, info: utf8(info) }, material, AES, false, USES);
}

/** Encrypts `plain`; decrypting needs `key` and the same `context`. */
export async function seal(crypto: Crypto, key: CryptoKey, plain: Bytes, context: string): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: utf8(context) }, key, plain);
  return { iv: bytesToHex(iv), sealed: bytesToHex(new Uint8Array(sealed)) };
}

/** `what` names the content in errors. The caller overwrites the bytes after use. */
export async function unseal(
  { subtle }: Crypto,
  key: CryptoKey,
  { iv, sealed }: Sealed,
  context: string,
  what: string,
): Promise<Bytes> {
  try {
    const algorithm = { name: 'AES-GCM', iv: bytesOf(iv), additionalData: utf8(context) };
    return new Uint8Array(await subtle.decrypt(algorithm, key, bytesOf(sealed)));
  } catch (cause) {
    throw new CannotUnsealError(what, cause);
  }
}
