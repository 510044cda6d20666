// Every statement of an epoch, as the proof that would convict the epoch if the statement were false.

import { COURT_TREES, type CourtProof } from '#lib/chain/words/court-proof.ts';
import { accountLeaf, callContent, entryLeaf, shareContent } from '#lib/formats/payment/epoch-leaves.ts';
import { callVectorHex } from '#lib/formats/payment/influence.ts';
import { isEligible, type PaidCall } from '#lib/settlement/build-epoch.ts';
import { sealAccounts, type FinalAccounts, type SealedEpoch } from '#lib/settlement/epoch.ts';
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
import { lineage } from './random-epoch.ts';

/** Submits every statement of an epoch to the Court as if it were false. */
export function* statements(
  calls: readonly PaidCall[],
  previous: FinalAccounts,
  epoch: SealedEpoch,
): Generator<CourtProof> {
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
      // An empty position below another one is not a node.
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
}
