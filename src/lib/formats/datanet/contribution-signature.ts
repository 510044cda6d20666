// What a contributor signs (EIP-712): which rows go to which Datanet, under which licence, and in which block. Types only;
// wallets sign and the datanets room verifies. The registry's `Contribution` with nonce and deadline is another signature: it
// authorises the transaction, this one states whose rows they are.

import { toHex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { encodeContribution, type Contribution } from './contribution.ts';
import { datanetDomain } from './datanet-domain.ts';

const TYPES = {
  DatanetContribution: [
    { name: 'datanet', type: 'string' },
    { name: 'contributor', type: 'address' },
    { name: 'rows', type: 'uint32' },
    { name: 'rowRoot', type: 'bytes32' },
    { name: 'licence', type: 'string' },
    { name: 'content', type: 'bytes32' },
  ],
} as const;

/** Ready for `signTypedData`. The domain names the Datanet's chain and contract; `content` is the unsigned block's sha2-256. */
export function contributionTypedData(contribution: Contribution, digester: Digester) {
  const { datanet, contributor, stats, rowRoot, licence } = contribution;
  const unsigned = encodeContribution({ ...contribution, signature: null }, digester);
  const content = toHex(digester.sha256(unsigned.bytes));
  return {
    domain: datanetDomain(datanet),
    types: TYPES,
    primaryType: 'DatanetContribution' as const,
    message: { datanet, contributor, rows: stats.rows, rowRoot, licence: licence.spdx, content },
  };
}
