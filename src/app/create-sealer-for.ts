// Prepares sealing the rows of a contribution with the wallet's own key, for the members that the Datanet names now.

import type { Hex } from '#lib/core/bytes.ts';
import { createRowSealer, type RowSealer } from '#lib/datanets/contributions/seal-contribution.ts';
import { readMembership } from '#lib/datanets/keys/datanet-members.ts';
import { composeDatanets } from './compose-datanets.ts';
import { composeWallet } from './compose-wallet.ts';

/** `fileName` is shown in errors. @throws DOMException AbortError when the wallet gives no key */
export async function createSealerFor(id: bigint, fileName: string): Promise<RowSealer> {
  const { context, rowKeys } = composeDatanets();
  const { chain, ipfs, digester } = await context();
  const { datanet, members } = await readMembership({ chain, digester, block: ipfs.block }, id);
  const opened = await rowKeys.open(datanet);
  if (!opened) throw new DOMException('The wallet gave no key.', 'AbortError');
  const contributor = composeWallet().wallet.address!.toLowerCase() as Hex;
  const random = (size: number) => crypto.getRandomValues(new Uint8Array(size));
  const terms = { datanet, contributor, ownKey: opened.key.publicKey, members };
  return createRowSealer(terms, { name: fileName, digester, random });
}
