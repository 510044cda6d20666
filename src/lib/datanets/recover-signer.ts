// Whose signature a version, a contribution or a review carries. Keys only: what an account that is a contract accepts is asked
// on its chain.

import { recoverTypedDataAddress, type RecoverTypedDataAddressParameters } from 'viem';
import type { Hex } from '#lib/core/bytes.ts';

/** Half the order of secp256k1. Of the two signatures that any one makes possible only the one below counts. */
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

type TypedData = Omit<RecoverTypedDataAddressParameters, 'signature'>;

/** The signer's address in small letters, or null when there is no signature or it is none of any key. */
export async function recoverSigner(data: TypedData, signature: Hex | null): Promise<Hex | null> {
  if (signature === null || !isInItsOneForm(signature)) return null;
  try {
    const signer = await recoverTypedDataAddress({ ...data, signature });
    return signer.toLowerCase() as Hex;
  } catch {
    return null;
  }
}

/** 32 bytes r, 32 bytes s in the lower half, and 27 or 28: a second form would give one content a second id. */
const isInItsOneForm = (signature: Hex): boolean =>
  BigInt(`0x${signature.slice(66, 130)}`) <= HALF_ORDER && /1[bc]$/.test(signature);
