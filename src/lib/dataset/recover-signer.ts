// Recovers the signer of a version, contribution or review. Signatures of keys only; those of contract accounts (ERC-1271) need
// the chain.

import { recoverTypedDataAddress, type RecoverTypedDataAddressParameters } from 'viem';
import type { Hex } from '#lib/core/bytes.ts';
import { isCanonicalSignature } from '#lib/formats/signature-form.ts';

type TypedData = Omit<RecoverTypedDataAddressParameters, 'signature'>;

/**
 * The signer's address in small letters, or null without a valid signature.
 *
 * @example
 * import { recoverSigner } from '#lib/dataset/recover-signer.ts';
 * import { memberTypedData } from '#lib/formats/datanet/datanet-members.ts';
 *
 * const [card] = cards;
 * const signer = await recoverSigner(memberTypedData(datanet, card!), card!.signature);
 * if (signer !== card!.address) show('Another account signed the card');
 */
export async function recoverSigner(data: TypedData, signature: Hex | null): Promise<Hex | null> {
  if (signature === null || !isCanonicalSignature(signature)) return null;
  try {
    const signer = await recoverTypedDataAddress({ ...data, signature });
    return signer.toLowerCase() as Hex;
  } catch {
    return null;
  }
}
