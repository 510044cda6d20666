// Epochs built by the rule, checked by the contracts: the ledger accepts them, the Court finds no fraud in any statement, and
// everyone is paid to the wei. The audit detects tampered epochs, and its proof convicts them.

import fc from 'fast-check';
import { encodeDeployData, encodeFunctionData, type Abi, type Address, type Hex as ViemHex } from 'viem';
import { beforeAll, describe, expect, it } from 'vitest';
import { attributionCourtAbi } from '#lib/chain/abi/attribution-court.ts';
import { attributionLedgerAbi } from '#lib/chain/abi/attribution-ledger.ts';
import { openTokenAbi } from '#lib/chain/abi/open-token.ts';
import { type CourtProof } from '#lib/chain/words/court-proof.ts';
import initCode from '#lib/chain/deploy/init-code.json' with { type: 'json' };
import { failureOf } from '#lib/chain/tx/errors.ts';
import type { Hex } from '#lib/core/bytes.ts';
import { ZERO_HASH } from '#lib/formats/payment/epoch-leaves.ts';
import { epochOf, hashProposal, type EpochProposal } from '#lib/formats/payment/epoch-proposal.ts';
import { weighRow } from '#lib/formats/payment/influence.ts';
import { hashLineage } from '#lib/formats/payment/lineage.ts';
import { auditEpoch, type AuditRecords } from '#lib/settlement/audit-epoch.ts';
import { buildEpoch, isEligible, type PaidCall } from '#lib/settlement/build-epoch.ts';
import { createClaimProofs } from '#lib/settlement/claim-proof.ts';
import { proposalOf, sealAccounts, sealEpoch, type FinalAccounts, type SealedEpoch } from '#lib/settlement/epoch.ts';
import { deploySolidity } from '../support/deploy-solidity.ts';
import { alice, createTestNode } from '../support/embedded-chain.ts';
import { statements } from '../support/epoch-statements.ts';
import { DATA, TAMPERS, withoutBest } from '../support/epoch-tampers.ts';
import { lineage, randomCalls } from '../support/random-epoch.ts';
import { compileSolidity, type Compiled } from '../support/solidity.ts';

const SOURCE = `
// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;
import {Books} from "contracts/test/mocks/Books.sol";
/// The records of models and settlement, and an authority that allows everything.
contract World is Books {
    function canCall(address, address, bytes4) external pure returns (bool, uint32) { return (true, 0); }
}
`;

const chain = createTestNode();
let world: Compiled;
const at = {} as Record<'world' | 'open' | 'ledger' | 'court', Address>;

const send = async (to: Address, data: ViemHex) => {
  const hash = await chain.wallet.sendTransaction({ to, data, gas: 16_000_000n });
  const receipt = await chain.reader.getTransactionReceipt({ hash });
  expect(receipt.status).toBe('success');
  return receipt;
};
const onWorld = (functionName: string, ...args: unknown[]) =>
  send(at.world, encodeFunctionData({ abi: world.abi, functionName, args }));
const courtCall = (proposal: EpochProposal, { proof, args }: CourtProof): ViemHex =>
  encodeFunctionData({ abi: attributionCourtAbi, functionName: proof, args: [proposal, ...args] });

/** The Court's verdict: the name of an error, or a conviction. */
const verdict = async (proposal: EpochProposal, proof: CourtProof): Promise<string> => {
  try {
    await chain.reader.call({
      account: alice.address,
      to: at.court,
      data: courtCall(proposal, proof),
      gas: 16_000_000n,
    });
    return 'convicted';
  } catch (error) {
    return failureOf(error).name;
  }
};

beforeAll(async () => {
  world = compileSolidity(SOURCE)['World']!;
  at.world = await deploySolidity(chain, world);
  const place = (abi: Abi, bytecode: string, args: readonly unknown[]) =>
    deploySolidity(chain, { abi: [], bytecode: encodeDeployData({ abi, bytecode: bytecode as ViemHex, args }) });
  at.open = await place(openTokenAbi, initCode.OpenToken, [alice.address]);
  at.ledger = await place(attributionLedgerAbi, initCode.AttributionLedger, [at.open, alice.address, 3600n, at.world]);
  at.court = await place(attributionCourtAbi, initCode.AttributionCourt, [at.ledger, at.world, at.world]);
  const args = [at.ledger, 2n ** 255n] as const;
  await send(at.open, encodeFunctionData({ abi: openTokenAbi, functionName: 'approve', args }));
});

let previous: FinalAccounts = { root: ZERO_HASH, totalWei: 0n, accounts: [] };
const onLedger = { abi: attributionLedgerAbi } as const;

interface Case {
  calls: readonly PaidCall[];
  records: AuditRecords;
  range: { from: bigint; to: bigint };
}

/** Writes the records that the calls need, funds the ledger's pools, and lets the epoch pass. */
async function prepare(calls: readonly PaidCall[]): Promise<Case> {
  const last = await chain.reader.readContract({ address: at.ledger, ...onLedger, functionName: 'lastEpoch' });
  const { timestamp } = await chain.reader.getBlock();
  const end = ((timestamp > (last + 1n) * 3600n ? timestamp : (last + 1n) * 3600n) / 3600n + 1n) * 3600n;
  await chain.test.setNextBlockTimestamp({ timestamp: end });
  const budgetWei = calls.reduce((all, { poolWei }) => all + poolWei, 0n);
  const args = [at.ledger, budgetWei] as const;
  await send(at.open, encodeFunctionData({ abi: openTokenAbi, functionName: 'transfer', args }));
  const range = { from: last + 1n, to: epochOf(end) - 1n };
  await onWorld('setEpochData', range.from, budgetWei);
  const versions = new Map(calls.map(({ model, version, influence }) => [model, { version, influence }]));
  for (const [model, { version, influence }] of versions) {
    await onWorld('commit', model, version, influence?.root ?? ZERO_HASH, hashLineage(lineage));
  }
  const versionOf = (model: bigint) => ({ influence: versions.get(model)!.influence, lineage });
  return { calls, range, records: { budgetWei, previous, versionOf } };
}

const propose = (proposal: EpochProposal) =>
  send(at.ledger, encodeFunctionData({ ...onLedger, functionName: 'propose', args: [proposal] }));

async function finalize(proposal: EpochProposal, epoch: SealedEpoch) {
  const { timestamp } = await chain.reader.getBlock();
  await chain.test.setNextBlockTimestamp({ timestamp: timestamp + 3600n });
  await send(at.ledger, encodeFunctionData({ ...onLedger, functionName: 'finalize', args: [proposal] }));
  previous = sealAccounts(epoch.accounts);
}

describe('an honest epoch', () => {
  it('makes no false statement, keeps its totals, and pays every account once', { timeout: 120_000 }, async () => {
    const asked = new Set<string>();
    let longest = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const calls = randomCalls(seed);
        const given = await prepare(calls);
        const epoch = sealEpoch(buildEpoch(calls, previous.accounts));
        const proposal = proposalOf(epoch, given.range, previous, DATA);
        expect([...auditEpoch(proposal, epoch, given.records)]).toEqual([]);
        const { logs } = await propose(proposal);
        expect(logs.some(({ topics }) => topics[1] === hashProposal(proposal))).toBe(true);
        expect(given.records.budgetWei).toBe(proposal.pools);
        for (const statement of statements(calls, previous, epoch)) {
          expect(await verdict(proposal, statement), statement.proof).toBe('NoFraud');
          asked.add(statement.proof);
        }
        longest = Math.max(longest, ...epoch.calls.filter(({ vector }) => vector).map(({ call }) => call.count));
        // Rounding leaves less than a wei per share in the ledger.
        const shaped = epoch.calls.reduce((sum, { poolWei, shares }) => sum + (shares.length > 0 ? poolWei : 0n), 0n);
        const dust = shaped - proposal.paid;
        expect(dust >= 0n && dust < BigInt(Math.max(epoch.entries.length, 1))).toBe(true);
        const had = new Map(previous.accounts.map(({ account, cumulativeWei }) => [BigInt(account), cumulativeWei]));
        await finalize(proposal, epoch);
        const proofs = createClaimProofs(epoch.accounts);
        expect(proofs).toMatchObject({ root: proposal.accountsRoot, totalWei: proposal.total });
        const many = epoch.accounts.map(({ account }) => proofs.of(account));
        const balance = async (account: Hex) =>
          chain.reader.readContract({
            address: at.open,
            abi: openTokenAbi,
            functionName: 'balanceOf',
            args: [account],
          });
        const before = await Promise.all(many.map(({ account }) => balance(account)));
        await send(at.ledger, encodeFunctionData({ ...onLedger, functionName: 'claimMany', args: [many] }));
        for (const [place, { account, cumulative }] of many.entries()) {
          expect((await balance(account)) - before[place]!).toBe(cumulative - (had.get(BigInt(account)) ?? 0n));
        }
      }),
      { numRuns: 2, seed: 7, endOnFailure: true },
    );
    // All kinds of proof have been tried, and the longest list was reached.
    expect(asked.size).toBe(16);
    expect(longest).toBe(64);
  });
});

describe('a false epoch', () => {
  const calls = randomCalls(11);

  const convict = async (epoch: SealedEpoch, given: Case, change: Partial<EpochProposal> = {}) => {
    const proposal = { ...proposalOf(epoch, given.range, previous, DATA), ...change };
    const [proof] = auditEpoch(proposal, epoch, given.records);
    if (!proof) throw new Error('the audit found nothing');
    await propose(proposal);
    const { logs } = await send(at.court, courtCall(proposal, proof));
    expect(logs.some(({ address }) => address.toLowerCase() === at.court.toLowerCase())).toBe(true);
    return proof.proof;
  };

  it.each(Object.entries(TAMPERS))('%s', async (_name, [tamper, convictedBy]) => {
    const given = await prepare(calls);
    const honest = buildEpoch(calls, previous.accounts);
    const { leaves = honest, paid } = tamper(honest);
    const epoch = sealEpoch(leaves);
    const total = previous.totalWei + epoch.trees.entries.total;
    const stated = paid === undefined ? { total } : { paid: epoch.trees.entries.total + paid, total: total + paid };
    expect(await convict(epoch, given, stated)).toBe(convictedBy);
  });

  it.each(['the best cluster of a call', 'the best row of a cluster'])('%s left out', async (what) => {
    const given = await prepare(calls);
    const honest = buildEpoch(calls, previous.accounts).calls;
    const victim = honest.find(({ vector, shares }) => vector && shares.length > 1)!;
    const input = calls.find(({ callId }) => callId === victim.call.callId)!;
    // A cluster with another row that would take the place of its best.
    const best = victim.shares.find(({ cluster, row, account }) =>
      input.influence!.rows.some(
        (one, at) =>
          one.cluster === cluster &&
          at !== row &&
          one.contributor === account &&
          isEligible(one, lineage) &&
          weighRow(one, input.vector, input.threshold) > (victim.call.cutoff || 0n),
      ),
    )!;
    const sameCluster = (row: number) => input.influence!.rows[row]!.cluster === best.cluster;
    const leaves = withoutBest(calls, previous, ({ callId }, row) => {
      if (callId !== victim.call.callId) return false;
      return what.includes('row of') ? row === best.row : sameCluster(row);
    });
    const epoch = sealEpoch(leaves);
    expect(await convict(epoch, given)).toBe(what.includes('row of') ? 'proveBetterRow' : 'proveMissingRow');
  });

  it('is not judged by leaves of another epoch', async () => {
    const given = await prepare(calls);
    const epoch = sealEpoch(buildEpoch(calls, previous.accounts));
    const proposal = { ...proposalOf(epoch, given.range, previous, DATA), entriesRoot: DATA };
    expect(() => [...auditEpoch(proposal, epoch, given.records)]).toThrow('published leaves do not make');
  });
});
