import { createAccount, createAddressFromBigInt, hexToBytes, type Address } from '@ethereumjs/util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestDump, dumpState, loadState, parseStateDump, type AccountDump } from './state-dump.ts';
import { JournaledState } from './state.ts';

/** A naive version of the state: a checkpoint copies everything. */
class NaiveState {
  accounts = new Map<number, { nonce: bigint; balance: bigint; code: string }>();
  slots = new Map<string, string>();
  readonly copies: Pick<NaiveState, 'accounts' | 'slots'>[] = [];

  checkpoint() {
    this.copies.push({ accounts: structuredClone(this.accounts), slots: new Map(this.slots) });
  }
  commit() {
    this.copies.pop();
  }
  revert() {
    Object.assign(this, this.copies.pop());
  }
  clear(who: number) {
    for (const key of [...this.slots.keys()]) if (key.startsWith(`${who}:`)) this.slots.delete(key);
  }
}

const addressOf = (who: number): Address => createAddressFromBigInt(BigInt(who) + 1n);
const keyOf = (slot: number) => new Uint8Array(32).fill(slot + 1);
const hex = (code: string) => hexToBytes(`0x${code}`);

const who = fc.nat(3);
const slot = fc.nat(3);
const step = fc.oneof(
  fc.record({ do: fc.constant('account' as const), who, nonce: fc.nat(9), balance: fc.nat(99) }),
  fc.record({ do: fc.constant('code' as const), who, code: fc.constantFrom('00', '6001', 'ef0100') }),
  fc.record({ do: fc.constant('slot' as const), who, slot, value: fc.constantFrom('', '01', '02ff') }),
  fc.record({ do: fc.constant('clear' as const), who }),
  fc.record({ do: fc.constant('delete' as const), who }),
  fc.record({ do: fc.constant('checkpoint' as const) }),
  fc.record({ do: fc.constant('commit' as const) }),
  fc.record({ do: fc.constant('revert' as const) }),
);

async function expectSame(state: JournaledState, naive: NaiveState) {
  for (let at = 0; at < 4; at++) {
    const account = await state.getAccount(addressOf(at));
    const wanted = naive.accounts.get(at);
    expect(account && { nonce: account.nonce, balance: account.balance }).toEqual(
      wanted && { nonce: wanted.nonce, balance: wanted.balance },
    );
    expect(await state.getCode(addressOf(at))).toEqual(hex(wanted?.code ?? ''));
    for (let key = 0; key < 4; key++) {
      expect(await state.getStorage(addressOf(at), keyOf(key))).toEqual(hex(naive.slots.get(`${at}:${key}`) ?? ''));
    }
  }
}

describe('the journaled state', () => {
  it('equals a naive state that copies everything', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
        const state = new JournaledState();
        const naive = new NaiveState();
        for (const one of steps) {
          if (one.do === 'account') {
            const fields = { nonce: BigInt(one.nonce), balance: BigInt(one.balance) };
            await state.modifyAccountFields(addressOf(one.who), fields);
            naive.accounts.set(one.who, { code: naive.accounts.get(one.who)?.code ?? '', ...fields });
          } else if (one.do === 'code') {
            await state.putCode(addressOf(one.who), hex(one.code));
            const before = naive.accounts.get(one.who) ?? { nonce: 0n, balance: 0n };
            naive.accounts.set(one.who, { ...before, code: one.code });
          } else if (one.do === 'slot') {
            await state.putStorage(addressOf(one.who), keyOf(one.slot), hex(one.value));
            if (one.value) naive.slots.set(`${one.who}:${one.slot}`, one.value);
            else naive.slots.delete(`${one.who}:${one.slot}`);
          } else if (one.do === 'clear') {
            await state.clearStorage(addressOf(one.who));
            naive.clear(one.who);
          } else if (one.do === 'delete') {
            await state.deleteAccount(addressOf(one.who));
            naive.accounts.delete(one.who);
            naive.clear(one.who);
          } else if (one.do === 'checkpoint') {
            await state.checkpoint();
            naive.checkpoint();
          } else if (naive.copies.length > 0) {
            await state[one.do]();
            naive[one.do]();
          }
          await expectSame(state, naive);
        }
        while (naive.copies.length > 0) {
          await state.revert();
          naive.revert();
        }
        await expectSame(state, naive);
      }),
      { numRuns: 60 },
    );
  });

  it('returns accounts whose changes do not change the state', async () => {
    const state = new JournaledState();
    await state.putAccount(addressOf(0), createAccount({ balance: 5n }));
    (await state.getAccount(addressOf(0)))!.balance = 9n;
    expect((await state.getAccount(addressOf(0)))!.balance).toBe(5n);
  });

  it('remembers what a slot held when the transaction began', async () => {
    const state = new JournaledState();
    await state.putStorage(addressOf(0), keyOf(0), hex('01'));
    expect(await state.originalStorageCache.get(addressOf(0), keyOf(0))).toEqual(hex('01'));
    await state.putStorage(addressOf(0), keyOf(0), hex('02'));
    expect(await state.originalStorageCache.get(addressOf(0), keyOf(0))).toEqual(hex('01'));
    state.originalStorageCache.clear();
    expect(await state.originalStorageCache.get(addressOf(0), keyOf(0))).toEqual(hex('02'));
  });

  it('takes time by the number of changes, not by its size', async () => {
    const state = new JournaledState();
    for (let at = 0; at < 20_000; at++) {
      await state.putStorage(addressOf(0), hexToBytes(`0x${at.toString(16).padStart(64, '0')}`), hex('01'));
    }
    const before = digestDump(dumpState(state));
    // Copying 20,000 slots at each of these would take minutes.
    for (let at = 0; at < 20_000; at++) await state.checkpoint();
    await state.putStorage(addressOf(0), keyOf(0), hex('05'));
    for (let at = 0; at < 20_000; at++) await state.revert();
    expect(digestDump(dumpState(state))).toBe(before);
  });
});

describe('a state dump', () => {
  const whole: AccountDump[] = [
    {
      address: `0x${'11'.repeat(20)}`,
      nonce: '0x1',
      balanceWei: '0xff',
      code: '0x6001',
      storage: [[`0x${'00'.repeat(32)}`, '0x01']],
    },
    { address: `0x${'22'.repeat(20)}`, nonce: '0x0', balanceWei: '0x0', code: '0x', storage: [] },
  ];
  const broken = (change: (dump: Record<string, unknown>[]) => void) => {
    const copy = structuredClone(whole) as unknown as Record<string, unknown>[];
    change(copy);
    return copy;
  };

  it('loads and dumps to itself', async () => {
    expect(dumpState(await loadState(parseStateDump(whole, 'test')))).toEqual(whole);
  });

  it('has a digest that depends on every part of it', async () => {
    const digest = digestDump(whole);
    for (const [field, value] of Object.entries({ nonce: '0x2', balanceWei: '0xfe', code: '0x6002', storage: [] })) {
      expect(digestDump(broken(([first]) => (first![field] = value)) as unknown as AccountDump[])).not.toBe(digest);
    }
  });

  it.each([
    ['not a list', {}],
    ['an address', broken(([first]) => (first!['address'] = '0x12'))],
    ['out of order', broken((all) => all.reverse())],
    ['out of order', broken((all) => all.push(all[1]!))],
    ['a nonce', broken(([first]) => (first!['nonce'] = '1'))],
    ['a nonce', broken(([first]) => (first!['nonce'] = `0x1${'0'.repeat(16)}`))],
    ['a balance', broken(([first]) => (first!['balanceWei'] = '0x00'))],
    ['code', broken(([first]) => (first!['code'] = '0x1'))],
    ['code too long', broken(([first]) => (first!['code'] = `0x${'00'.repeat(24_577)}`))],
    ['storage', broken(([first]) => (first!['storage'] = [['0x0', '0x01']]))],
    ['an empty value', broken(([first]) => (first!['storage'] = [[`0x${'00'.repeat(32)}`, '0x']]))],
    ['a padded value', broken(([first]) => (first!['storage'] = [[`0x${'00'.repeat(32)}`, '0x0001']]))],
    ['an entry that is null', [null]],
  ])('with a fault is refused: %s', (_what, dump) => {
    expect(() => parseStateDump(dump, 'test')).toThrow(/^test:/);
  });
});
