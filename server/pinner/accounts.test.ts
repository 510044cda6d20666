// Signing in to a running pinner, and the offers that a signed-in wallet leaves there.

import { describe, expect, it, vi } from 'vitest';
import { offerText } from '#lib/chain/actions/datanets/offer.ts';
import { signInMessage } from '#lib/chain/wallet/sign-in.ts';
import { createPinnerClient } from '#lib/ipfs/pinner-client.ts';
import { alice, bob, clientOf, start, tokenOf } from '../../tests/support/pinner.ts';

// Real sockets and files on a busy machine need more time.
vi.setConfig({ testTimeout: 60_000 });

describe('signing in', () => {
  const page = { domain: 'payable.test', chainId: 10 };
  const sign =
    (account: typeof alice, uri: string, change: Partial<Parameters<typeof signInMessage>[0]> = {}) =>
    async ({ nonce }: { nonce: string }) => {
      const terms = {
        address: account.address,
        ...page,
        uri,
        nonce,
        nowMs: Date.now(),
        ...change,
      };
      const message = signInMessage(terms);
      return { message, signature: await account.signMessage({ message }) };
    };

  it('gives a token for a signature; it stays valid after a restart', async () => {
    const { pinner, folder } = await start();
    const client = createPinnerClient(pinner.url, fetch);
    await expect(client.usage()).rejects.toMatchObject({ code: 'ipfs/pinner-refused', status: 401 });
    const token = await client.signIn(page, sign(alice, pinner.url));
    expect(await client.usage()).toEqual({ bytes: 0, roomBytes: 2 ** 30 });
    await pinner.close();
    const { pinner: again } = await start({ folder });
    expect(await createPinnerClient(again.url, fetch, token).usage()).toMatchObject({ bytes: 0 });
    const { pinner: other } = await start();
    await expect(createPinnerClient(other.url, fetch, token).usage()).rejects.toMatchObject({ status: 401 });
  });

  it.each<[string, (uri: string) => ReturnType<typeof sign>]>([
    ['for another pinner', () => sign(alice, 'https://other.example/')],
    ['with a number of its own', (uri) => sign(alice, uri, { nonce: 'abcdefgh12' })],
    ['in the name of another page', (uri) => sign(alice, uri, { domain: 'bank.test' })],
    ['for another chain', (uri) => sign(alice, uri, { chainId: 1 })],
    ['that is too old', (uri) => sign(alice, uri, { nowMs: Date.now() - 3_600_000 })],
    [
      'signed by another',
      (uri) => async (challenge) => ({
        ...(await sign(alice, uri)(challenge)),
        signature: (await sign(bob, uri)(challenge)).signature,
      }),
    ],
    ['that is no message', () => async () => ({ message: 'hello', signature: '0x1234' })],
  ])('refuses a message %s', async (_what, make) => {
    const { pinner } = await start();
    await expect(createPinnerClient(pinner.url, fetch).signIn(page, make(pinner.url))).rejects.toMatchObject({
      status: 401,
    });
  });

  it('refuses a message signed for another page', async () => {
    const { pinner } = await start();
    const ask = (path: string, body: unknown) =>
      fetch(`${pinner.url}auth/${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { origin: 'https://evil.test' },
      });
    expect((await ask('challenge', page)).status).toBe(403);
    const honest = await fetch(`${pinner.url}auth/challenge`, { method: 'POST', body: JSON.stringify(page) });
    const { nonce } = (await honest.json()) as { nonce: string };
    expect((await ask('token', await sign(alice, pinner.url)({ nonce }))).status).toBe(403);
  });

  it('accepts a signed message once', async () => {
    const { pinner } = await start();
    let signed: { message: string; signature: string } | undefined;
    await createPinnerClient(pinner.url, fetch).signIn(
      page,
      async (challenge) => (signed = await sign(alice, pinner.url)(challenge)),
    );
    await expect(createPinnerClient(pinner.url, fetch).signIn(page, async () => signed!)).rejects.toMatchObject({
      status: 401,
    });
  });
});

it('keeps an offer of a signed-in wallet, readable without a token', async () => {
  const { pinner } = await start();
  const datanet = `10:0x${'cc'.repeat(20)}:7`;
  const left = offerText(datanet, {
    terms: {
      ...{ datanet: 7n, contributor: alice.address, content: `0x${'01'.repeat(32)}`, rows: 3 },
      ...{
        rowsRoot: `0x${'11'.repeat(32)}`,
        licence: 2,
        nonce: 0n,
        deadline: BigInt(Math.ceil(Date.now() / 1000) + 600),
      },
    },
    signature: `0x${'22'.repeat(65)}`,
  });
  const anyone = createPinnerClient(pinner.url, fetch);
  await expect(anyone.handIn(left)).rejects.toMatchObject({ status: 401 });
  await expect(clientOf(pinner, bob).handIn(left)).rejects.toMatchObject({ status: 403 });
  await expect(clientOf(pinner).handIn('x'.repeat(9000))).rejects.toMatchObject({ status: 400 });
  await clientOf(pinner).handIn(left);
  expect(await anyone.offers(datanet)).toEqual([left]);
  const response = await fetch(new URL(`offers?datanet=${datanet}`, pinner.url));
  const { offers } = (await response.json()) as { offers: { id: string }[] };
  const gone = await fetch(new URL(`offers/${offers[0]!.id}`, pinner.url), {
    method: 'DELETE',
    headers: { authorization: `Bearer ${tokenOf(pinner)}` },
  });
  expect(gone.status).toBe(204);
  expect(await anyone.offers(datanet)).toEqual([]);
});
