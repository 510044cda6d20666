// What TypeScript computes about money and hashes equals what the contracts compute, over random input: trees, leaves, scores,
// splits. The contracts' own libraries run on the embedded chain.

import fc from 'fast-check';
import {
  decodeEventLog,
  encodeDeployData,
  encodeFunctionData,
  decodeFunctionResult,
  parseEther,
  type Address,
  type Hex as ViemHex,
} from 'viem';
import { beforeAll, describe, expect, it } from 'vitest';
import { settlementAbi } from '#lib/chain/abi/settlement.ts';
import initCode from '#lib/chain/deploy/init-code.json' with { type: 'json' };
import type { Hex } from '#lib/core/bytes.ts';
import {
  accumulateReceipts,
  callContent,
  entryKey,
  shareContent,
  ZERO_HASH,
  type EpochCall,
  type EpochShare,
} from '#lib/formats/payment/epoch-leaves.ts';
import { hashProposal, type EpochProposal } from '#lib/formats/payment/epoch-proposal.ts';
import {
  callVectorHex,
  commitInfluenceRows,
  dotProduct,
  hashCallVector,
  rowContent,
  vectorHex,
  weighRow,
} from '#lib/formats/payment/influence.ts';
import { hashLineage, packDatanetRef, packParent } from '#lib/formats/payment/lineage.ts';
import { splitPayment } from '#lib/formats/payment/payment-split.ts';
import { buildMerkleTree, standardLeaf, verifyMerkleProof } from '#lib/core/merkle.ts';
import { buildSumTree, foldSumPath, sumTreeDepth } from '#lib/core/merkle-sum.ts';
import { deploySolidity } from '../support/deploy-solidity.ts';
import { alice, bob, createTestNode } from '../support/embedded-chain.ts';
import { bytes, rows, uint, vectors } from '../support/random-epoch.ts';
import { compileSolidity, type Compiled } from '../support/solidity.ts';

const SOURCE = `
// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {EntryCodec} from "contracts/src/attribution/lib/EntryCodec.sol";
import {SketchDot} from "contracts/src/attribution/lib/SketchDot.sol";
import {SumMerkle} from "contracts/src/attribution/lib/SumMerkle.sol";
import {DatanetRef, DatanetRefs} from "contracts/src/interfaces/DatanetRef.sol";
import {IAttributionLedger} from "contracts/src/interfaces/IAttributionLedger.sol";
import {IModelRegistry} from "contracts/src/interfaces/IModelRegistry.sol";

contract Harness {
    function leaf(bytes32 content, uint128 amount) external pure returns (bytes32) { return SumMerkle.leaf(content, amount); }
    function depth(uint256 count) external pure returns (uint256) { return SumMerkle.depth(count); }
    function fold(bytes32 node, uint128 sum, uint256 index, bytes32[] calldata siblings, uint128[] calldata sums)
        external pure returns (bytes32, uint256, uint256) { return SumMerkle.fold(node, sum, index, siblings, sums); }
    function merkle(bytes32[] calldata proof, bytes32 root, bytes32 node) external pure returns (bool) {
        return MerkleProof.verifyCalldata(proof, root, node);
    }
    function standard(address who, bytes32 item) external pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(who, item))));
    }
    function dot(bytes calldata a, bytes calldata b) external pure returns (int256) { return SketchDot.dot(a, b); }
    function entry(address a, uint32 c, uint32 s) external pure returns (uint256) { return EntryCodec.entryKey(a, c, s); }
    function call(EntryCodec.Call calldata c) external pure returns (bytes32) { return EntryCodec.callContent(c); }
    function share(EntryCodec.Share calldata s) external pure returns (bytes32) { return EntryCodec.shareContent(s); }
    function row(EntryCodec.Row calldata r) external pure returns (bytes32) { return EntryCodec.rowContent(r); }
    function influence(bytes32 root, uint256 total, uint32 count) external pure returns (bytes32) {
        return EntryCodec.influenceRoot(root, total, count);
    }
    function weight(EntryCodec.Call calldata c, EntryCodec.Row calldata r, uint128 base, bytes calldata v)
        external pure returns (uint256) { return EntryCodec.weightOf(c, r, base, v); }
    function ref(uint64 d, uint32 v, uint16 w) external pure returns (DatanetRef) { return DatanetRefs.pack(d, v, w); }
    function lineage(uint256 parent, DatanetRef[] memory refs) external pure returns (bytes32) {
        return DatanetRefs.lineage(parent, refs);
    }
    function proposal(IAttributionLedger.Proposal calldata p) external pure returns (bytes32) { return keccak256(abi.encode(p)); }
}

/// Authority, token and models of a settlement: all that it calls.
contract World {
    IModelRegistry.Terms private terms;
    function setTerms(uint16 dev, uint16 data, uint16 node) external {
        terms = IModelRegistry.Terms(address(this), dev, data, node, 0);
    }
    function termsOf(uint256) external view returns (IModelRegistry.Terms memory) { return terms; }
    function priceOf(uint256) external pure returns (uint128, uint128) { return (0, 0); }
    function canCall(address, address, bytes4) external pure returns (bool, uint32) { return (true, 0); }
    function transferFrom(address, address, uint256) external pure returns (bool) { return true; }
}
`;

const chain = createTestNode();
let contracts: Record<string, Compiled>;
let harness: Address;

async function ask<T>(functionName: string, ...args: unknown[]): Promise<T> {
  const { abi } = contracts['Harness']!;
  const { data } = await chain.reader.call({ to: harness, data: encodeFunctionData({ abi, functionName, args }) });
  return decodeFunctionResult({ abi, functionName, data: data! }) as T;
}

beforeAll(async () => {
  contracts = compileSolidity(SOURCE);
  harness = await deploySolidity(chain, contracts['Harness']!);
});

const check = <Given>(property: fc.IAsyncProperty<Given>, numRuns: number) => fc.assert(property, { numRuns });

describe('trees', () => {
  it('of sums: leaves, depth, paths and prefix sums', () =>
    check(
      fc.asyncProperty(
        fc.array(fc.record({ content: bytes(32), amount: uint(96) }), { minLength: 1, maxLength: 70 }),
        fc.nat(),
        fc.nat(),
        async (leaves, which, up) => {
          const tree = buildSumTree(leaves);
          const index = which % leaves.length;
          const { content, amount } = leaves[index]!;
          expect(tree.node(0, index).hash).toBe(await ask<Hex>('leaf', content, amount));
          expect(BigInt(tree.depth)).toBe(await ask<bigint>('depth', BigInt(leaves.length)));
          expect(sumTreeDepth(leaves.length)).toBe(tree.depth);
          // Of a leaf, and of any node above it.
          for (const level of [0, up % (tree.depth + 1)]) {
            const at = index >> level;
            const path = tree.path(at, level);
            const { hash, sum } = tree.node(level, at);
            const mine = foldSumPath({ hash, sum }, path);
            const theirs = await ask('fold', hash, sum, path.index, path.siblings, path.sums);
            expect(theirs).toEqual([mine.hash, mine.sum, mine.before]);
            expect(mine).toMatchObject({ hash: tree.root, sum: tree.total });
          }
        },
      ),
      40,
    ));

  it('of any path, valid or not, give the same node or a refusal', () =>
    check(
      fc.asyncProperty(
        bytes(32),
        uint(128),
        fc.array(fc.tuple(bytes(32), uint(128)), { maxLength: 6 }),
        fc.nat(100),
        async (hash, sum, beside, place) => {
          const path = {
            index: BigInt(place),
            siblings: beside.map(([one]) => one),
            sums: beside.map(([, one]) => one),
          };
          const theirs = await ask('fold', hash, sum, path.index, path.siblings, path.sums).catch(() => 'refused');
          let mine: unknown = 'refused';
          try {
            const top = foldSumPath({ hash, sum }, path);
            mine = [top.hash, top.sum, top.before];
          } catch {
            // Like the contract.
          }
          expect(mine).toEqual(theirs);
        },
      ),
      60,
    ));

  it('of sorted pairs are verified by OpenZeppelin', () =>
    check(
      fc.asyncProperty(
        fc.array(fc.tuple(bytes(20), bytes(32)), { minLength: 1, maxLength: 40 }),
        fc.nat(),
        async (items, which) => {
          const leaves = items.map(([who, item]) => standardLeaf(who, item));
          const index = which % items.length;
          expect(leaves[index]).toBe(await ask<Hex>('standard', ...items[index]!));
          const { root, proof } = buildMerkleTree(leaves);
          expect(await ask<boolean>('merkle', proof(index), root, leaves[index])).toBe(true);
          const other = standardLeaf(1n);
          expect(await ask<boolean>('merkle', proof(index), root, other)).toBe(
            verifyMerkleProof(root, other, proof(index)),
          );
        },
      ),
      30,
    ));
});

describe('scores', () => {
  it('are the dot product of signed bytes', () =>
    check(
      fc.asyncProperty(vectors, vectors, async (a, b) => {
        expect(BigInt(dotProduct(a, b))).toBe(await ask<bigint>('dot', vectorHex(a), vectorHex(b)));
      }),
      40,
    ));

  it('are exact at their largest', async () => {
    const [low, high] = [new Int8Array(256).fill(-128), new Int8Array(256).fill(127)];
    for (const [a, b] of [
      [low, low],
      [low, high],
      [high, high],
    ] as const) {
      expect(BigInt(dotProduct(a, b))).toBe(await ask<bigint>('dot', vectorHex(a), vectorHex(b)));
    }
  });

  it('weigh a row in a call like the Court, with and without a vector', () =>
    check(
      fc.asyncProperty(
        rows,
        fc.option(fc.record({ scale: fc.nat(0xffff), values: vectors }), { nil: null }),
        fc.oneof(fc.constant(0n), fc.bigInt(0n, 2n ** 36n), uint(64)),
        async (row, vector, threshold) => {
          const vectorHash = vector === null ? ZERO_HASH : hashCallVector(vector);
          const call: EpochCall = { ...emptyCall, vectorHash, threshold };
          const { base, ...rest } = row;
          const given = vector === null ? '0x' : callVectorHex(vector);
          const theirs = await ask<bigint>('weight', call, { ...rest, vector: vectorHex(row.vector) }, base, given);
          expect(weighRow(row, vector, threshold)).toBe(theirs);
        },
      ),
      60,
    ));
});

const emptyCall: EpochCall = {
  callId: ZERO_HASH,
  model: 0n,
  version: 0,
  influenceRoot: ZERO_HASH,
  vectorHash: ZERO_HASH,
  threshold: 0n,
  cutoff: 0n,
  sharesRoot: ZERO_HASH,
  weightSum: 0n,
  count: 0,
};
const uint32 = fc.nat(0xffff_ffff);

describe('leaves', () => {
  const calls: fc.Arbitrary<EpochCall> = fc.record({
    callId: bytes(32),
    model: uint(256),
    version: uint32,
    influenceRoot: bytes(32),
    vectorHash: bytes(32),
    threshold: uint(64),
    cutoff: uint(64),
    sharesRoot: bytes(32),
    weightSum: uint(96),
    count: uint32,
  });
  const shares: fc.Arbitrary<EpochShare> = fc.record({
    cluster: bytes(32),
    account: bytes(20),
    row: uint32,
    entry: uint32,
  });
  const proposals: fc.Arbitrary<EpochProposal> = fc.record({
    from: uint(64),
    to: uint(64),
    previousRoot: bytes(32),
    previousTotal: uint(96),
    previousAccounts: uint32,
    accountsRoot: bytes(32),
    total: uint(96),
    accounts: uint32,
    entriesRoot: bytes(32),
    paid: uint(96),
    entries: uint32,
    callsRoot: bytes(32),
    pools: uint(96),
    calls: uint32,
    dataHash: bytes(32),
  });

  it('of calls, shares, entries and the proposal', () =>
    check(
      fc.asyncProperty(calls, shares, proposals, async (call, share, proposal) => {
        expect(callContent(call)).toBe(await ask<Hex>('call', call));
        expect(shareContent(share)).toBe(await ask<Hex>('share', share));
        const { account, row: index, entry: slot } = share;
        expect(entryKey({ account, call: index, slot })).toBe(await ask<bigint>('entry', account, index, slot));
        expect(hashProposal(proposal)).toBe(await ask<Hex>('proposal', proposal));
      }),
      40,
    ));

  it('of rows, and the commitment over them', () =>
    check(
      fc.asyncProperty(fc.array(rows, { minLength: 1, maxLength: 9 }), async (list) => {
        const { root, tree } = commitInfluenceRows(list);
        expect(root).toBe(await ask<Hex>('influence', tree.root, tree.total, list.length));
        for (const { base: _base, ...row } of list) {
          const theirs = await ask<Hex>('row', { ...row, vector: vectorHex(row.vector) });
          expect(rowContent({ ...row, base: 0n })).toBe(theirs);
        }
      }),
      20,
    ));

  it('of a lineage', () =>
    check(
      fc.asyncProperty(
        fc.option(fc.record({ model: uint(64), version: uint32 }), { nil: null }),
        fc.array(fc.record({ datanet: uint(64), version: uint32, weight: fc.nat(0xffff) }), { maxLength: 16 }),
        async (parent, refs) => {
          const packed = refs.map(packDatanetRef);
          for (const [at, { datanet, version, weight }] of refs.entries()) {
            expect(packed[at]).toBe(await ask<bigint>('ref', datanet, version, weight));
          }
          expect(hashLineage({ parent, refs })).toBe(await ask<Hex>('lineage', packParent(parent), packed));
        },
      ),
      30,
    ));
});

describe('payments', () => {
  it('are split like in Settlement, and accumulated in order', async () => {
    const world = await deploySolidity(chain, contracts['World']!);
    const bytecode = encodeDeployData({
      abi: settlementAbi,
      bytecode: initCode.Settlement as ViemHex,
      args: [world, world, world, bob.address, bob.address],
    });
    const settlement = await deploySolidity(chain, { abi: [], bytecode });
    const send = async (to: Address, data: ViemHex) => {
      const hash = await chain.wallet.sendTransaction({ to, data, gas: 1_000_000n });
      const receipt = await chain.reader.getTransactionReceipt({ hash });
      expect(receipt.status).toBe('success');
      return receipt;
    };
    let acc = ZERO_HASH;
    const [dev, of] = [fc.nat(10_000), fc.nat(10_000)];
    await check(
      fc.asyncProperty(
        fc.oneof(fc.bigInt(1n, 40_000n), fc.bigInt(1n, parseEther('1000000'))),
        fc.nat(1000),
        dev,
        of,
        bytes(32),
        async (grossWei, feeBps, devBps, part, callHash) => {
          const dataBps = Math.floor(((10_000 - devBps) * part) / 10_000);
          const nodeBps = 10_000 - devBps - dataBps;
          const { abi } = contracts['World']!;
          await send(world, encodeFunctionData({ abi, functionName: 'setTerms', args: [devBps, dataBps, nodeBps] }));
          await send(settlement, encodeFunctionData({ abi: settlementAbi, functionName: 'setFee', args: [feeBps] }));
          const args = [5n, bob.address, grossWei, callHash] as const;
          const { logs } = await send(
            settlement,
            encodeFunctionData({ abi: settlementAbi, functionName: 'invoke', args }),
          );
          const events = logs.map((log) => decodeEventLog({ abi: settlementAbi, ...log }));
          const split = events.find(({ eventName }) => eventName === 'Split')!.args;
          const mine = splitPayment(grossWei, { feeBps, devBps, dataBps, nodeBps });
          expect(split).toMatchObject({
            fee: mine.feeWei,
            dev: mine.devWei,
            data: mine.dataWei,
            nodePart: mine.nodeWei,
          });
          expect(mine.feeWei + mine.devWei + mine.dataWei + mine.nodeWei).toBe(grossWei);
          expect(mine.dustWei).toBeLessThan(3n);
          acc = accumulateReceipts(acc, { receipts: callHash, payer: alice.address, amountWei: grossWei });
        },
      ),
      25,
    );
    const read = { address: settlement, abi: settlementAbi } as const;
    const epoch = await chain.reader.readContract({ ...read, functionName: 'currentEpoch' });
    expect(await chain.reader.readContract({ ...read, functionName: 'receiptsAcc', args: [epoch] })).toBe(acc);
  });
});
