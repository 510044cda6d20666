// Epochs built by the rule, before the contracts: the ledger takes them, the Court finds no fraud in any statement of them,
// everyone is paid to the wei. Epochs that were tampered with are found out by the audit, and its proof convicts them.

import fc from 'fast-check';
import { encodeDeployData, encodeFunctionData, type Abi, type Address, type Hex as ViemHex } from 'viem';
import { beforeAll, describe, expect, it } from 'vitest';
import { attributionCourtAbi } from '#lib/chain/abi/attribution-court.ts';
import { attributionLedgerAbi } from '#lib/chain/abi/attribution-ledger.ts';
import { openTokenAbi } from '#lib/chain/abi/open-token.ts';
import { COURT_TREES, type CourtProof } from '#lib/chain/court-proof.ts';
import initCode from '#lib/chain/deploy/init-code.json' with { type: 'json' };
import { failureOf } from '#lib/chain/tx/errors.ts';
import type { Hex } from '#lib/core/bytes.ts';
import { accountLeaf, callContent, entryLeaf, shareContent, ZERO_HASH } from '#lib/core/format/epoch-leaves.ts';
import { epochOf, hashProposal, type EpochProposal } from '#lib/core/format/epoch-proposal.ts';
import { callVectorHex, weighRow, type Influence } from '#lib/core/format/influence.ts';
import { hashLineage } from '#lib/core/format/lineage.ts';
import { auditEpoch, type AuditRecords } from '#lib/settlement/audit-epoch.ts';
import { buildEpoch, isEligible, type PaidCall } from '#lib/settlement/build-epoch.ts';
import { createClaimProofs } from '#lib/settlement/claim-proof.ts';
import {
  commitShares,
  proposalOf,
  sealAccounts,
  sealEpoch,
  type EpochLeaves,
  type FinalAccounts,
  type SealedEpoch,
  type WeighedShare,
} from '#lib/settlement/epoch.ts';
import {
  accountNumbers,
  callEvidence,
  entryEvidence,
  entryNumbers,
  keyEvidence,
  lineageEvidence,
  nodeEvidence,
  rowEvidence,
  runEvidence,
  shareEvidence,
  UNREAD_CALL,
  UNREAD_SHARE,
} from '#lib/settlement/evidence.ts';
import { deploySolidity } from '../support/deploy-solidity.ts';
import { alice, createTestNode } from '../support/embedded-chain.ts';
import { lineage, randomCalls } from '../support/random-epoch.ts';
import { compileSolidity, type Compiled } from '../support/solidity.ts';

const SOURCE = `
// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;
import {Books} from "contracts/test/mocks/Books.sol";
/// The books of models and settlement, and an authority that allows everything.
contract World is Books {
    function canCall(address, address, bytes4) external pure returns (bool, uint32) { return (true, 0); }
}
`;

const chain = createTestNode();
let world: Compiled;
const at = {} as Record<'world' | 'open' | 'ledger' | 'court', Address>;
const DATA: Hex = `0x${'da'.repeat(32)}`;

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

/** What the Court answers: the name of an error, or that it convicts. */
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

/** Writes what the calls need into the books, gives the ledger their pools, and lets the epoch pass. */
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

/** Every statement of an epoch, put to the Court as if it were false. */
function* statements({ calls, records }: Case, proposal: EpochProposal, epoch: SealedEpoch): Generator<CourtProof> {
  const { trees, accounts, entries } = epoch;
  yield { proof: 'proveBudget', args: [] };
  const inputOf = new Map(calls.map((call) => [BigInt(call.callId), call]));
  const numbers = accountNumbers(accounts, trees.accounts);
  const before = accountNumbers(previous.accounts, sealAccounts(previous.accounts).tree);
  for (const [index, { account }] of accounts.entries()) {
    const key = BigInt(account);
    const own = [key, key + 1n] as const;
    const inEntries = runEvidence(entryNumbers(epoch), key << 64n, (key + 1n) << 64n);
    yield {
      proof: 'proveAccount',
      args: [account, runEvidence(before, ...own), inEntries, runEvidence(numbers, ...own)],
    };
    if (index > 0) {
      yield { proof: 'proveOrder', args: [0, keyEvidence(numbers, index - 1), keyEvidence(numbers, index)] };
    }
  }
  const leaves = {
    accounts: (slot: number) => accountLeaf(accounts[slot]!),
    entries: (slot: number) => entryLeaf(entries[slot]!),
    calls: (slot: number) => ({ content: callContent(epoch.calls[slot]!.call), amount: epoch.calls[slot]!.poolWei }),
  };
  for (const name of ['accounts', 'entries', 'calls'] as const) {
    const tree = trees[name];
    for (let level = 0; level <= tree.depth; level += 2) {
      // An empty place below an empty one is no node of its own.
      for (let index = 0; (index >> 1) << (level + 1) < tree.count; index += 3) {
        if (index >= 2 ** (tree.depth - level)) break;
        const { node, opening } = nodeEvidence(tree, level, index, leaves[name]);
        yield { proof: 'proveSum', args: [COURT_TREES[name], UNREAD_CALL, node, opening] };
      }
    }
  }
  for (const [index, entry] of entries.entries()) {
    const share = shareEvidence(epoch, entry.call, entry.slot);
    const call = callEvidence(epoch, entry.call);
    if (index % 7 === 0) {
      yield { proof: 'proveAmount', args: [call, share, entryEvidence(epoch, index)] };
      yield { proof: 'proveEntryWithoutCall', args: [entryEvidence(epoch, index)] };
      yield { proof: 'proveEntryWithoutShare', args: [entryEvidence(epoch, index), call] };
      yield { proof: 'proveShareWithoutEntry', args: [call, share] };
    }
  }
  for (const [index, { call, shares, vector }] of epoch.calls.entries()) {
    const asCall = callEvidence(epoch, index);
    yield { proof: 'proveCall', args: [asCall] };
    yield { proof: 'proveForeignTree', args: [asCall] };
    if (index > 0) yield { proof: 'proveCallOrder', args: [callEvidence(epoch, index - 1), asCall] };
    const { influence } = inputOf.get(BigInt(call.callId))!;
    if (!influence) continue;
    const tail = [vector === null ? '0x' : callVectorHex(vector), lineageEvidence(lineage)] as const;
    for (let slot = 0; slot < shares.length; slot += 5) {
      const share = shareEvidence(epoch, index, slot);
      const row = rowEvidence(influence, shares[slot]!.row);
      yield { proof: 'proveWeight', args: [asCall, share, row, tail[0]] };
      yield { proof: 'proveForeignRow', args: [asCall, share, row, tail[1]] };
      if (slot > 0) yield { proof: 'proveShareOrder', args: [asCall, shareEvidence(epoch, index, slot - 1), share] };
      const leaf = (one: number) => ({ content: shareContent(shares[one]!), amount: shares[one]!.weight });
      const { node, opening } = nodeEvidence(trees.shares[index]!, 0, slot, leaf);
      yield { proof: 'proveSum', args: [COURT_TREES.shares, asCall, node, opening] };
    }
    for (let at = 0; at < influence.rows.length; at += 4) {
      const row = influence.rows[at]!;
      if (!isEligible(row, lineage)) continue;
      const slot = shares.findIndex(({ cluster }) => BigInt(cluster) === BigInt(row.cluster));
      const shown = [rowEvidence(influence, at), ...tail] as const;
      if (slot >= 0) {
        yield { proof: 'proveBetterRow', args: [asCall, shareEvidence(epoch, index, slot), ...shown] };
        continue;
      }
      const found = shares.findIndex(({ cluster }) => BigInt(cluster) > BigInt(row.cluster));
      const place = found === -1 ? shares.length : found;
      const left = place > 0 ? shareEvidence(epoch, index, place - 1) : UNREAD_SHARE;
      const right = place < shares.length ? shareEvidence(epoch, index, place) : UNREAD_SHARE;
      yield { proof: 'proveMissingRow', args: [asCall, ...shown, BigInt(place), left, right] };
    }
  }
  expect(records.budgetWei).toBe(proposal.pools);
}

describe('an honest epoch', () => {
  it('states nothing false, keeps its totals, and pays everyone once', { timeout: 120_000 }, async () => {
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
        for (const statement of statements(given, proposal, epoch)) {
          expect(await verdict(proposal, statement), statement.proof).toBe('NoFraud');
          asked.add(statement.proof);
        }
        longest = Math.max(longest, ...epoch.calls.filter(({ vector }) => vector).map(({ call }) => call.count));
        // What rounding leaves stays in the ledger: less than a wei per share.
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

type Tamper = (leaves: EpochLeaves) => { leaves?: EpochLeaves; proposal?: Partial<EpochProposal>; paid?: bigint };

/** Replaces the shares of call `index`, and what the call says of them. */
const withShares = (
  leaves: EpochLeaves,
  index: number,
  change: (shares: WeighedShare[]) => WeighedShare[],
): EpochLeaves => ({
  ...leaves,
  calls: leaves.calls.map((one, place) => {
    if (place !== index) return one;
    const shares = change(one.shares.map((share) => ({ ...share })));
    return { ...one, shares, call: commitShares(one.call, shares) };
  }),
});
const withCall = (
  leaves: EpochLeaves,
  index: number,
  change: Partial<EpochLeaves['calls'][number]['call']>,
): EpochLeaves => ({
  ...leaves,
  calls: leaves.calls.map((one, place) => (place === index ? { ...one, call: { ...one.call, ...change } } : one)),
});
const withEntry = (
  leaves: EpochLeaves,
  index: number,
  change: Partial<EpochLeaves['entries'][number]>,
): EpochLeaves => ({
  ...leaves,
  entries: leaves.entries.map((one, place) => (place === index ? { ...one, ...change } : one)),
});
const swapped = <Item>(list: readonly Item[], a: number, b: number): Item[] =>
  list.map((item, place) => (place === a ? list[b]! : place === b ? list[a]! : item));
const other = (leaves: EpochLeaves, vector: boolean, least = 2): number => {
  const found = leaves.calls.findIndex((one) => (one.vector !== null) === vector && one.shares.length >= least);
  expect(found).not.toBe(-1);
  return found;
};

const TAMPERS: Record<string, [tamper: Tamper, convictedBy: CourtProof['proof']]> = {
  'a pool larger than what was set aside': [
    (leaves) => ({
      leaves: {
        ...leaves,
        calls: leaves.calls.map((one, at) => (at === 0 ? { ...one, poolWei: one.poolWei + 9n } : one)),
      },
    }),
    'proveBudget',
  ],
  'a total that is not that of its tree': [() => ({ paid: -1n }), 'proveSum'],
  'an account that earned more': [
    ({ accounts, ...rest }) => ({
      leaves: {
        ...rest,
        accounts: accounts.map((one, at) => ({
          ...one,
          cumulativeWei: one.cumulativeWei + (at === 0 ? 1n : at === 1 ? -1n : 0n),
        })),
      },
    }),
    'proveAccount',
  ],
  'accounts out of order': [
    ({ accounts, ...rest }) => ({ leaves: { ...rest, accounts: swapped(accounts, 0, 1) } }),
    'proveOrder',
  ],
  'entries out of order': [
    ({ entries, ...rest }) => ({ leaves: { ...rest, entries: swapped(entries, 0, 1) } }),
    'proveOrder',
  ],
  'calls out of order': [
    ({ calls, ...rest }) => ({ leaves: { ...rest, calls: swapped(calls, 0, 1) } }),
    'proveCallOrder',
  ],
  'shares out of order': [
    (leaves) => ({ leaves: withShares(leaves, other(leaves, true), (shares) => swapped(shares, 0, 1)) }),
    'proveShareOrder',
  ],
  'a weight that the vectors do not give': [
    (leaves) => ({
      leaves: withShares(leaves, other(leaves, true), ([first, ...rest]) => [
        { ...first!, weight: first!.weight + 1n },
        ...rest,
      ]),
    }),
    'proveWeight',
  ],
  'a weight sum that is not that of the shares': [
    (leaves) => {
      const index = other(leaves, true);
      return { leaves: withCall(leaves, index, { weightSum: leaves.calls[index]!.call.weightSum + 1n }) };
    },
    'proveSum',
  ],
  'a cutoff without a full list': [
    (leaves) => ({
      leaves: withCall(
        leaves,
        leaves.calls.findIndex(({ vector, shares }) => vector && shares.length < 64),
        { cutoff: 1n },
      ),
    }),
    'proveCall',
  ],
  'a flat call with a threshold': [
    (leaves) => ({ leaves: withCall(leaves, other(leaves, false), { threshold: 1n }) }),
    'proveCall',
  ],
  'a share for somebody who did not contribute the row': [
    (leaves) => ({
      leaves: withShares(leaves, other(leaves, true), ([first, ...rest]) => [
        { ...first!, account: alice.address },
        ...rest,
      ]),
    }),
    'proveForeignRow',
  ],
  'a row that is not there': [
    (leaves) => ({
      leaves: withShares(leaves, other(leaves, true), ([first, ...rest]) => [{ ...first!, row: 9999 }, ...rest]),
    }),
    'proveForeignRow',
  ],
  'an influence tree that nobody committed': [
    (leaves) => ({ leaves: withCall(leaves, other(leaves, true), { influenceRoot: DATA }) }),
    'proveForeignTree',
  ],
  'an entry that pays a wei of the next one': [
    (leaves) => {
      const { entries } = leaves;
      const index = entries.findIndex((one, at) => one.amountWei > 0n && one.account === entries[at + 1]?.account);
      const less = withEntry(leaves, index, { amountWei: entries[index]!.amountWei - 1n });
      return { leaves: withEntry(less, index + 1, { amountWei: entries[index + 1]!.amountWei + 1n }) };
    },
    'proveAmount',
  ],
  'an entry for a call that is not there': [
    (leaves) => ({ leaves: withEntry(leaves, leaves.entries.length - 1, { call: 77 }) }),
    'proveEntryWithoutCall',
  ],
  'an entry for a share that is not there': [
    (leaves) => ({ leaves: withEntry(leaves, leaves.entries.length - 1, { slot: 999 }) }),
    'proveEntryWithoutShare',
  ],
  'a share without an entry': [
    ({ calls, entries, accounts }) => {
      const { account, amountWei } = entries.at(-1)!;
      const less = accounts.map((one) => ({
        ...one,
        cumulativeWei: one.cumulativeWei - (BigInt(one.account) === BigInt(account) ? amountWei : 0n),
      }));
      return { leaves: { calls, entries: entries.slice(0, -1), accounts: less } };
    },
    'proveShareWithoutEntry',
  ],
  'a share that points at the entry of another': [
    (leaves) => ({
      leaves: withShares(leaves, other(leaves, true), ([first, second, ...rest]) => [
        { ...first!, entry: second!.entry },
        second!,
        ...rest,
      ]),
    }),
    'proveAmount',
  ],
};

/** Leaves a cluster of a call out, and does everything else by the rule. */
function withoutBest(calls: readonly PaidCall[], hide: (call: PaidCall, row: number) => boolean): EpochLeaves {
  const blinded = calls.map((call): PaidCall => {
    const nobody = '0x0000000000000000000000000000000000000000' as const;
    const influence = call.influence && {
      ...call.influence,
      rows: call.influence.rows.map((row, at) => (hide(call, at) ? { ...row, contributor: nobody } : row)),
    };
    return { ...call, influence: influence satisfies Influence | null };
  });
  return buildEpoch(blinded, previous.accounts);
}

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
    const leaves = withoutBest(calls, ({ callId }, row) => {
      if (callId !== victim.call.callId) return false;
      return what.includes('row of') ? row === best.row : sameCluster(row);
    });
    const epoch = sealEpoch(leaves);
    expect(await convict(epoch, given)).toBe(what.includes('row of') ? 'proveBetterRow' : 'proveMissingRow');
  });

  it('is not judged by leaves that are not its own', async () => {
    const given = await prepare(calls);
    const epoch = sealEpoch(buildEpoch(calls, previous.accounts));
    const proposal = { ...proposalOf(epoch, given.range, previous, DATA), entriesRoot: DATA };
    expect(() => [...auditEpoch(proposal, epoch, given.records)]).toThrow('published leaves do not make');
  });
});
