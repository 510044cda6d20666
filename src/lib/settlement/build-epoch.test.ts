// Input that no valid epoch can contain is refused before a tree is built; tests/chain/epochs.test.ts tests the built epochs.

import { describe, expect, it } from 'vitest';
import { randomCalls } from '#tests/support/random-epoch.ts';
import { buildEpoch, listShares } from './build-epoch.ts';
import { createClaimProofs } from './claim-proof.ts';
import { commitShares, shareTree } from './epoch.ts';

const [influenced, , , , flat] = randomCalls(1);

describe('refuses', () => {
  const account = (last: string) => ({ account: `0x${last.padStart(40, '0')}`, cumulativeWei: 1n }) as const;
  it.each([
    ['a call twice', [influenced!, influenced!], [], 'is there twice'],
    ['a pool below zero', [{ ...influenced!, poolWei: -1n }], [], 'the pool of call'],
    ['a threshold beyond 64 bits', [{ ...influenced!, threshold: 2n ** 64n }], [], 'the threshold of call'],
    ['a flat call with a threshold', [{ ...flat!, threshold: 1n }], [], 'is flat and has a threshold'],
    ['accounts that do not ascend', [], [account('2'), account('1')], 'do not ascend'],
    ['an account twice', [], [account('1'), account('1')], 'do not ascend'],
  ] as const)('%s', (_what, calls, before, words) => {
    expect(() => buildEpoch(calls, before)).toThrow(words);
  });
});

it('pays no row for a call without influence, and keeps earlier earnings', () => {
  const before = [{ account: '0x00000000000000000000000000000000000000ff', cumulativeWei: 7n }] as const;
  const { calls, entries, accounts } = buildEpoch([{ ...influenced!, threshold: 2n ** 63n }], before);
  expect(calls[0]!.call).toMatchObject({ count: 0, weightSum: 0n, cutoff: 0n });
  expect({ entries, accounts }).toEqual({ entries: [], accounts: before });
});

it('does not depend on the order in which calls are given', () => {
  const calls = randomCalls(2);
  expect(buildEpoch([...calls].reverse(), [])).toEqual(buildEpoch(calls, []));
});

it('has no proof for an account that earned nothing', () => {
  expect(() => createClaimProofs([]).of('0x00000000000000000000000000000000000000ff')).toThrow(
    'has earned nothing yet',
  );
});

describe('the shares of a call', () => {
  const { calls } = buildEpoch(randomCalls(3), []);
  const paid = randomCalls(3).sort((a, b) => (BigInt(a.callId) < BigInt(b.callId) ? -1 : 1));

  it('are those listed for it, one for each cluster, and the call commits to them', () => {
    calls.forEach(({ call, shares }, at) => {
      const listed = listShares(paid[at]!);
      expect(listed.cutoff).toBe(call.cutoff);
      expect(listed.shares).toEqual(shares.map((share) => ({ ...share, entry: 0 })));
      expect(new Set(shares.map(({ cluster }) => cluster)).size).toBe(shares.length);
      const tree = shareTree(shares);
      expect([tree.root, tree.total, tree.count]).toEqual([call.sharesRoot, call.weightSum, call.count]);
      expect(commitShares({ ...call, sharesRoot: '0x', weightSum: 0n, count: 0 }, shares)).toEqual(call);
    });
  });

  it('are refused where their weights need more than 96 bits', () => {
    const { call, shares } = calls.find((one) => one.shares.length > 1)!;
    const heavy = shares.map((share) => ({ ...share, weight: 2n ** 96n - 1n }));
    expect(() => commitShares(call, heavy)).toThrow('add up to more than 2^96');
  });
});
