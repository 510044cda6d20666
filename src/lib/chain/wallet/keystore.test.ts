// The keystore with real WebCrypto: who can unlock it, when it locks, and what is stored.

import { recoverMessageAddress } from 'viem';
import { beforeEach, describe, expect, it } from 'vitest';
import { createTestWalletHost } from '#tests/support/wallet-host.ts';
import { createKeystore, LOCK_AFTER_MS, type GuardKind, type Keystore } from './keystore.ts';
import { accountOf, entropyOf } from './phrase.ts';

const PHRASE = 'legal winner thank year wave sausage worth useful legal winner thank yellow';
let test: ReturnType<typeof createTestWalletHost>;
let keystore: Keystore;
beforeEach(() => {
  test = createTestWalletHost();
  keystore = createKeystore(test.host);
});
const again = () => createKeystore(test.host);
const coded = (code: string) => expect.objectContaining({ code }) as unknown;

describe.each(['device', 'passkey'] satisfies GuardKind[])('a wallet guarded by %s', (guard) => {
  it('signs, is locked after a reload, and opens again', async () => {
    expect(await keystore.read()).toBeNull();
    const { address, isUnlocked } = await keystore.create(guard);
    expect(isUnlocked).toBe(true);
    const next = again();
    expect(await next.read()).toMatchObject({ address, guard, isUnlocked: false, backedUpAtMs: null });
    expect(() => next.unlocked()).toThrow(coded('wallet/locked'));
    await next.unlock();
    const signature = await next.unlocked().account.signMessage({ message: 'hello' });
    expect(await recoverMessageAddress({ message: 'hello', signature })).toBe(address);
  });

  it('leaves nothing readable on the disk', async () => {
    await keystore.create(guard, PHRASE);
    const kept = JSON.stringify(test.store.disk.record);
    const secret = Buffer.from(entropyOf(PHRASE)).toString('hex');
    expect(kept).not.toContain(secret);
    const { key } = test.store.disk;
    expect(key === null).toBe(guard === 'passkey');
    if (key) {
      expect(key.extractable).toBe(false);
      await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow('not extractable');
    }
  });

  it('is restored from its words on another device', async () => {
    const { address } = await keystore.create(guard);
    const words = await keystore.words();
    expect(words).toHaveLength(12);
    const other = createKeystore(createTestWalletHost().host);
    const restored = await other.create('device', words.join(' '));
    expect(restored.address).toBe(address);
    expect(restored.backedUpAtMs).not.toBeNull();
  });

  it.each(['address', 'sealed', 'iv'] as const)('does not open when its %s was changed', async (field) => {
    await keystore.create(guard, PHRASE);
    const { record } = test.store.disk;
    record![field] = record![field].replace(/.$/, (last) => (last === '0' ? '1' : '0')) as `0x${string}`;
    await expect(again().unlock()).rejects.toEqual(coded('wallet/cannot-unseal'));
  });
});

describe('a passkey', () => {
  it('that is another one does not open the wallet', async () => {
    await keystore.create('passkey');
    test.passkeys.swap();
    await expect(again().unlock()).rejects.toEqual(coded('wallet/cannot-unseal'));
  });
  it('that is declined changes nothing', async () => {
    test.passkeys.declines = true;
    await expect(keystore.create('passkey')).rejects.toEqual(coded('wallet/passkey-refused'));
    expect(await keystore.read()).toBeNull();
  });
  it('is requested again before the words are shown, even when the wallet is unlocked', async () => {
    await keystore.create('passkey');
    const before = test.passkeys.prompts;
    await keystore.words();
    expect(test.passkeys.prompts).toBe(before + 1);
  });
  it('is requested once when two callers unlock the wallet', async () => {
    await keystore.create('passkey');
    const next = again();
    const before = test.passkeys.prompts;
    await Promise.all([next.unlock(), next.unlock()]);
    expect(test.passkeys.prompts).toBe(before + 1);
  });
  it('may be unavailable', async () => {
    const bare = createKeystore({ ...test.host, passkeys: null });
    await expect(bare.create('passkey')).rejects.toEqual(coded('wallet/passkey-unavailable'));
  });
});

describe('locking', () => {
  it('happens after a quarter of an hour without use, and notifies', async () => {
    await keystore.create('device');
    let told = 0;
    keystore.subscribe(() => told++);
    test.pass(LOCK_AFTER_MS - 1);
    expect((await keystore.read())?.isUnlocked).toBe(true);
    keystore.touch();
    test.pass(LOCK_AFTER_MS - 1);
    expect(() => keystore.unlocked()).not.toThrow();
    test.pass(LOCK_AFTER_MS);
    expect(told).toBe(1);
    expect(() => keystore.unlocked()).toThrow(coded('wallet/locked'));
  });
  it('does not wait for a timer that the browser held back', async () => {
    const late = createKeystore({ ...test.host, later: () => () => undefined });
    await late.create('device');
    test.pass(LOCK_AFTER_MS);
    expect((await late.read())?.isUnlocked).toBe(false);
    late.touch();
    expect(() => late.unlocked()).toThrow(coded('wallet/locked'));
  });
  it('follows when another tab forgets the wallet', async () => {
    await keystore.create('device');
    await test.store.clear();
    test.store.announce();
    await expect.poll(() => keystore.read()).toBeNull();
    expect(() => keystore.unlocked()).toThrow(coded('wallet/locked'));
  });
});

describe('the words', () => {
  it('unlock the wallet, so that its lock hides them again', async () => {
    await keystore.create('passkey');
    const next = again();
    await next.words();
    expect((await next.read())?.isUnlocked).toBe(true);
    let told = 0;
    next.subscribe(() => told++);
    test.pass(LOCK_AFTER_MS);
    expect(told).toBe(1);
    expect((await next.read())?.isUnlocked).toBe(false);
  });
});

describe('one device', () => {
  it('keeps one wallet', async () => {
    const { address } = await keystore.create('device');
    await expect(keystore.create('device')).rejects.toEqual(coded('wallet/exists'));
    await expect(again().create('device', PHRASE)).rejects.toThrow(address);
    expect((await keystore.read())?.address).toBe(address);
  });
  it('forgets it, and takes another', async () => {
    await keystore.create('device');
    await keystore.forget();
    expect(await keystore.read()).toBeNull();
    await expect(keystore.unlock()).rejects.toEqual(coded('wallet/none'));
    expect((await keystore.create('device', PHRASE)).address).toBe(accountOf(entropyOf(PHRASE)).address);
  });
  it('remembers that the words were written down', async () => {
    await keystore.create('device');
    await keystore.markBackedUp();
    expect((await again().read())?.backedUpAtMs).toBe(test.host.now());
  });
});

describe('a record', () => {
  it.each([
    ['of a later version', { version: 2 }, 'its version is 2, this app knows 1'],
    ['with another guard', { guard: { kind: 'magic' } }, 'how it is guarded is not known here'],
    ['with a short seal', { sealed: '0x00' }, 'its field "sealed" is damaged'],
    ['without a date', { createdAtMs: 'now' }, 'its field "createdAtMs" is damaged'],
    ['with a wild address', { address: '0x12' }, 'its field "address" is damaged'],
  ])('%s gives an error and is not overwritten', async (_what, change, message) => {
    await keystore.create('device');
    Object.assign(test.store.disk.record!, change);
    await expect(again().read()).rejects.toThrow(message);
    await expect(again().create('device')).rejects.toThrow(message);
    await again().forget();
    expect(await again().read()).toBeNull();
  });
});
