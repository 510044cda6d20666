// Members' keys: each is derived from a signature of the member's wallet, so that it need not be stored, and unwraps the keys of
// sealed rows (HPKE, RFC 9180: P-256, HKDF-SHA256, AES-256-GCM). Callers obtain the signature.

import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from '@hpke/core';
import { recoverTypedDataAddress } from 'viem';
import { fromHex, toHex, type Hex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { datanetDomain } from '#lib/formats/datanet/datanet-domain.ts';
import { memberTypedData, type MemberCard } from '#lib/formats/datanet/datanet-members.ts';
import type { WrappedKey } from '#lib/formats/datanet/datanet-keys.ts';
import { BadCardError, NotSealedForError } from './errors.ts';

const suite = () => new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });

/** Unwraps keys that were wrapped for one member. */
export interface MemberKey {
  publicKey: Hex;
  /** @throws NotSealedForError when it was wrapped for another key, or for another Datanet */
  unwrap(wrap: WrappedKey, datanet: string): Promise<Uint8Array>;
}

/**
 * Typed data that a wallet signs to derive its key for a Datanet. The signature must stay secret: it opens all rows sealed for
 * the wallet.
 *
 * @example
 * import { memberKeyTypedData } from '#lib/dataset/member-keys.ts';
 *
 * const signer = await chain.signer();
 * const signature = await signer.signTypedData(memberKeyTypedData(datanet, account));
 */
export const memberKeyTypedData = (datanet: string, member: Hex) => ({
  domain: datanetDomain(datanet),
  types: {
    DatanetKey: [
      { name: 'purpose', type: 'string' },
      { name: 'datanet', type: 'string' },
      { name: 'member', type: 'address' },
    ],
  } as const,
  primaryType: 'DatanetKey' as const,
  message: { purpose: 'Read the sealed rows of this Datanet. Sign this nowhere but here.', datanet, member },
});

/**
 * `signature` is over `memberKeyTypedData`: the same wallet derives the same key on every device.
 *
 * @example
 * import { memberKey, memberKeyTypedData } from '#lib/dataset/member-keys.ts';
 *
 * const signer = await chain.signer();
 * const key = await memberKey(await signer.signTypedData(memberKeyTypedData(datanet, account)), digester);
 * const rowKey = await key.unwrap(wrapped, datanet);
 */
export async function memberKey(signature: Hex, digester: Digester): Promise<MemberKey> {
  const hpke = suite();
  const seed = digester.sha256(fromHex(signature));
  const pair = await hpke.kem.deriveKeyPair(bufferOf(seed));
  const publicKey = toHex(new Uint8Array(await hpke.kem.serializePublicKey(pair.publicKey)));
  return {
    publicKey,
    async unwrap({ member, sent, wrapped }, datanet) {
      const sealed = bufferOf(fromHex(wrapped));
      try {
        const opened = await hpke.open(
          { recipientKey: pair, enc: bufferOf(fromHex(sent)), info: infoOf(datanet, member) },
          sealed,
        );
        return new Uint8Array(opened);
      } catch (cause) {
        throw new NotSealedForError(member, cause);
      }
    },
  };
}

/**
 * Wraps `key` for the holder of `card`. @throws BadCardError when the card's key is not valid
 *
 * @example
 * import { checkCard, wrapKey } from '#lib/dataset/member-keys.ts';
 *
 * await Promise.all(cards.map((card) => checkCard(card, datanet)));
 * const wraps = await Promise.all(cards.map((card) => wrapKey(rowKey, card, datanet)));
 */
export async function wrapKey(
  key: Uint8Array,
  { address, publicKey }: MemberCard,
  datanet: string,
): Promise<WrappedKey> {
  const hpke = suite();
  try {
    const recipientPublicKey = await hpke.kem.deserializePublicKey(bufferOf(fromHex(publicKey)));
    const info = infoOf(datanet, address);
    const { enc, ct } = await hpke.seal({ recipientPublicKey, info }, bufferOf(key));
    return { member: address, sent: toHex(new Uint8Array(enc)), wrapped: toHex(new Uint8Array(ct)) };
  } catch (cause) {
    throw new BadCardError(address, 'its key is not a point on P-256', cause);
  }
}

/**
 * @throws BadCardError unless the card's address signed its key for this Datanet
 *
 * @example
 * import { checkCard } from '#lib/dataset/member-keys.ts';
 *
 * for (const card of cards) await checkCard(card, datanet);
 * show(`${cards.length} members can be given the key`);
 */
export async function checkCard(card: MemberCard, datanet: string): Promise<void> {
  const { signature, address } = card;
  const signer = await recoverTypedDataAddress({ ...memberTypedData(datanet, card), signature }).catch(() => null);
  if (signer?.toLowerCase() !== address) {
    throw new BadCardError(address, `it is signed by ${signer ?? 'no account'} for ${datanet}, or for another Datanet`);
  }
}

/** Binds a wrapped key to one member of one Datanet. */
const infoOf = (datanet: string, member: Hex): ArrayBuffer =>
  bufferOf(new TextEncoder().encode(`payable datanet key|${datanet}|${member}`));

const bufferOf = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;
