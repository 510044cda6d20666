// A row of a packed version is proven on a chain: OpenZeppelin's MerkleProof, on the embedded EVM, given the row.

import { decodeFunctionResult, encodeFunctionData, toHex } from 'viem';
import { beforeAll, expect, it } from 'vitest';
import { proveRow } from '#lib/dataset/prove-row.ts';
import { digester, packRows, someRows } from '../support/datanets.ts';
import { deploySolidity } from '../support/deploy-solidity.ts';
import { createTestNode } from '../support/embedded-chain.ts';
import { compileSolidity, type Compiled } from '../support/solidity.ts';

const SOURCE = `
// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
contract Harness {
    function belongs(bytes calldata row, bytes32[] calldata siblings, bytes32 root) external pure returns (bool) {
        return MerkleProof.verifyCalldata(siblings, root, sha256(row));
    }
}
`;

const chain = createTestNode();
let contract: Compiled;
let harness: `0x${string}`;

beforeAll(async () => {
  contract = compileSolidity(SOURCE)['Harness']!;
  harness = await deploySolidity(chain, contract);
});

async function belongs(text: string, siblings: readonly string[], root: string): Promise<boolean> {
  const call = { abi: contract.abi, functionName: 'belongs' } as const;
  const args = [toHex(new TextEncoder().encode(text)), siblings, root];
  const { data } = await chain.reader.call({ to: harness, data: encodeFunctionData({ ...call, args }) });
  return decodeFunctionResult({ ...call, data: data! }) === true;
}

it.each([1, 2, 33, 500])('verifies rows of a version of %i, and no others', async (count) => {
  const { open, version } = await packRows(someRows(count));
  for (const at of new Set([0, count >> 1, count - 1])) {
    const { row, siblings, root } = await proveRow(open, String(at), digester);
    expect(root).toBe(version.rowRoot);
    expect(await belongs(row.text, siblings, root)).toBe(true);
    expect(await belongs(`${row.text} `, siblings, root)).toBe(false);
    if (siblings.length > 0) expect(await belongs(row.text, siblings.slice(1), root)).toBe(false);
  }
});
