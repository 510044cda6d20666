// What TypeScript computes about trees, lineages and payments equals what the contracts compute, over random input. The contracts' own
// libraries run on the embedded chain.

import fc from 'fast-check';
import {
  decodeEventLog,
  encodeDeployData,
  encodeFunctionData,
  parseEther,
  type Address,
  type Hex as ViemHex,
} from 'viem';
import { beforeAll, describe, expect, it } from 'vitest';
import { settlementAbi } from '#lib/chain/abi/settlement.ts';
import initCode from '#lib/chain/deploy/init-code.json' with { type: 'json' };
import { sizedBytes, type Hex } from '#lib/core/bytes.ts';
import { hashLineage, packDatanetRef, packParent } from '#lib/formats/payment/lineage.ts';
import { splitPayment } from '#lib/formats/payment/payment-split.ts';
import { buildPlaceTree } from '#lib/formats/payment/place-tree.ts';
import { ZERO_WORD } from '#lib/formats/payment/pot.ts';
import { buildReceipts } from '#lib/formats/payment/receipts.ts';
import { buildMerkleTree, standardLeaf, verifyMerkleProof } from '#lib/core/merkle.ts';
import { buildSumTree, foldSumPath, sumTreeDepth } from '#lib/core/merkle-sum.ts';
import { deploySolidity } from '../support/deploy-solidity.ts';
import { bob } from '../support/embedded-chain.ts';
import { bytes, uint, uint32 } from '../support/random-values.ts';
import { deployReference, type Reference } from '../support/reference-harness.ts';

let reference: Reference;
const ask = <T>(functionName: string, ...args: unknown[]): Promise<T> => reference.ask<T>(functionName, ...args);
beforeAll(async () => {
  reference = await deployReference();
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

  it('of empty nodes, whose parent is empty', async () => {
    const fold = (index: number, sum: bigint, sums: bigint[]) =>
      ask(
        'fold',
        ZERO_WORD,
        sum,
        BigInt(index),
        sums.map(() => ZERO_WORD),
        sums,
      );
    const ours = (index: number, sum: bigint, sums: bigint[]) => {
      const top = foldSumPath(
        { hash: ZERO_WORD, sum },
        { index: BigInt(index), siblings: sums.map(() => ZERO_WORD), sums },
      );
      return [top.hash, top.sum, top.before];
    };
    for (const [index, sum, sums] of [
      [0, 0n, [0n, 0n]],
      [3, 0n, [0n, 7n]],
      [1, 5n, [0n, 0n]],
    ] as const) {
      expect(await fold(index, sum, [...sums])).toEqual(ours(index, sum, [...sums]));
    }
  });

  it('with places: root, paths and depth', () =>
    check(
      fc.asyncProperty(fc.array(bytes(32), { maxLength: 70 }), fc.nat(), async (nodes, which) => {
        const tree = buildPlaceTree(nodes.map((node) => sizedBytes(node, 32)));
        expect(tree.root).toBe(await ask<Hex>('root', nodes));
        if (nodes.length === 0) return;
        const index = which % nodes.length;
        const count = BigInt(nodes.length);
        expect(await ask<Hex>('rootAt', nodes[index], BigInt(index), count, tree.path(index))).toBe(tree.root);
        expect(() => tree.path(nodes.length)).toThrow('lies outside');
      }),
      40,
    ));

  it('of receipts with places behind the last one', () =>
    check(
      fc.asyncProperty(
        fc.array(fc.record({ receipt: bytes(32), vectorHash: bytes(32), costWei: uint(96) }), { maxLength: 9 }),
        fc.nat(40),
        async (calls, more) => {
          const places = calls.length + more + 1;
          const tree = buildReceipts(calls, places);
          expect(BigInt(tree.depth)).toBe(await ask<bigint>('depth', BigInt(places)));
          const last = places - 1;
          const { siblings, sums } = tree.path(last);
          const { hash, sum } = tree.node(0, last);
          const [top, total] = await ask<[Hex, bigint]>('fold', hash, sum, BigInt(last), siblings, sums);
          expect([top, total]).toEqual([tree.root, tree.total]);
          for (const [at, { receipt, vectorHash, costWei }] of calls.entries()) {
            const content = await ask<Hex>('receipt', receipt, vectorHash);
            expect(tree.node(0, at).hash).toBe(await ask<Hex>('leaf', content, costWei));
          }
        },
      ),
      20,
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

it('a lineage has the hash of the contracts', () =>
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

describe('payments', () => {
  it('are split like in Settlement', async () => {
    const { chain } = reference;
    const world = await deploySolidity(chain, reference.world);
    const parts = {
      token: world,
      models: world,
      influences: world,
      ledger: world,
      treasury: bob.address,
      window: 172_800n,
    };
    const bytecode = encodeDeployData({
      abi: settlementAbi,
      bytecode: initCode.Settlement as ViemHex,
      args: [world, parts],
    });
    const settlement = await deploySolidity(chain, { abi: [], bytecode });
    const send = async (to: Address, data: ViemHex) => {
      const hash = await chain.wallet.sendTransaction({ to, data, gas: 1_000_000n });
      const receipt = await chain.reader.getTransactionReceipt({ hash });
      expect(receipt.status).toBe('success');
      return receipt;
    };
    await check(
      fc.asyncProperty(
        fc.oneof(fc.bigInt(1n, 40_000n), fc.bigInt(1n, parseEther('1000000'))),
        fc.integer({ min: 50, max: 1000 }),
        fc.nat(10_000),
        fc.nat(10_000),
        fc.boolean(),
        async (grossWei, feeBps, devBps, part, isAlone) => {
          const dataBps = Math.floor(((10_000 - devBps) * part) / 10_000);
          const nodeBps = 10_000 - devBps - dataBps;
          const { abi } = reference.world;
          const terms = [devBps, dataBps, nodeBps, isAlone];
          await send(world, encodeFunctionData({ abi, functionName: 'setTerms', args: terms }));
          await send(settlement, encodeFunctionData({ abi: settlementAbi, functionName: 'setFee', args: [feeBps] }));
          const args = [5, 1, bob.address, grossWei, ZERO_WORD] as const;
          const data = encodeFunctionData({ abi: settlementAbi, functionName: 'invoke', args });
          const { logs } = await send(settlement, data);
          const events = logs.map((log) => decodeEventLog({ abi: settlementAbi, ...log }));
          const split = events.find(({ eventName }) => eventName === 'Split')!.args;
          const mine = splitPayment(grossWei, { feeBps, devBps, dataBps, nodeBps, hasContributors: !isAlone });
          expect(split).toMatchObject({
            fee: mine.feeWei,
            dev: mine.devWei,
            data: mine.dataWei,
            nodePart: mine.nodeWei,
          });
          expect(mine.feeWei + mine.devWei + mine.dataWei + mine.nodeWei).toBe(grossWei);
          expect(mine).toMatchObject({ poolWei: 0n, keepWei: 0n });
          expect(mine.dustWei).toBeLessThan(3n);
        },
      ),
      25,
    );
  });
});
