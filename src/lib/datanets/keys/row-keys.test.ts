// Keys of sealed rows on this device and at a real pinner: stored, shared by letter, and destroyed in all places.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { privateKeyToAccount } from 'viem/accounts';
import { expect, it, vi } from 'vitest';
import { startPinner } from '#server/pinner/start-pinner.ts';
import { bytesOf, memoryNode } from '#tests/support/ipfs-node.ts';
import type { Hex } from '#lib/core/bytes.ts';
import { createDigester } from '#lib/core/digester.ts';
import { memberTypedData } from '#lib/formats/datanet/datanet-members.ts';
import { rowOf } from '#lib/formats/datanet/datanet-row.ts';
import { memberKey, memberKeyTypedData } from '#lib/dataset/member-keys.ts';
import { createRowOpener } from '#lib/dataset/row-opener.ts';
import { createRowSealer } from '../contributions/seal-contribution.ts';
import { exportCar } from '#lib/ipfs/export-car.ts';
import { createGateway } from '#lib/ipfs/gateway.ts';
import { createPinnerClient } from '#lib/ipfs/pinner-client.ts';
import { keepRing, listRings, membersWithout, shredRing, takeLetter, writeLetter } from './row-keys.ts';

vi.setConfig({ testTimeout: 60_000 });

const digester = await createDigester();
const DATANET = '412346:0x00000000000000000000000000000000000000aa:7';
const random = (size: number) => crypto.getRandomValues(new Uint8Array(size));

async function person(seed: number) {
  const account = privateKeyToAccount(`0x${seed.toString(16).padStart(64, '0')}`);
  const address = account.address.toLowerCase() as Hex;
  const key = await memberKey(await account.signTypedData(memberKeyTypedData(DATANET, address)), digester);
  const unsigned = { address, publicKey: key.publicKey };
  const signature = await account.signTypedData(memberTypedData(DATANET, unsigned));
  return { account, address, key, card: { ...unsigned, signature } };
}

it('a later member reads with a letter; after withdrawal the rows cannot be read', async () => {
  const [ada, ben, cyn] = await Promise.all([person(1), person(2), person(3)]);
  const folder = await mkdtemp(join(tmpdir(), 'rings-'));
  const pinner = await startPinner({ folder, port: 0, peerPort: 0, log: () => undefined });
  try {
    const mine = await memoryNode();
    const terms = { datanet: DATANET, contributor: ada.address, ownKey: ada.key.publicKey, members: [ben.card] };
    const sealer = await createRowSealer(terms, { name: 'x', digester, random });
    async function* rows() {
      yield [{ row: rowOf({ text: 'An owl.' }, 'x'), line: 1 }];
    }
    const sealed = (await sealer.seal(rows()).next()).value![0]!.row.value;
    await keepRing(mine, sealer.ring, DATANET);
    const client = createPinnerClient(pinner.url, fetch, pinner.tokens.issue(ada.account.address, Date.now()).token);
    await client.upload(new Blob([(await bytesOf(exportCar(mine, sealer.ring.cid))) as BlobPart]));

    // Ben's only source is the pinner.
    const gateway = createGateway(pinner.url, { fetch });
    const readRing = async () => gateway.block(sealer.ring.cid).catch(() => null);
    const openFor = async (who: typeof ada, letters = [] as Awaited<ReturnType<typeof listRings>>) => {
      const { address: member, key } = who;
      const needs = { datanet: DATANET, member, memberKey: key, readRing, letters: letters.map(({ ring }) => ring) };
      return (await createRowOpener(needs).open(sealed, 'row')).value['text'];
    };
    expect(await openFor(ben)).toBe('An owl.');
    await expect(openFor(cyn)).rejects.toThrow('not sealed for');

    const [own] = await listRings(mine, DATANET);
    const members = [ben.card, cyn.card];
    expect(membersWithout(own!, await listRings(mine, DATANET), members)).toEqual([cyn.card]);
    const opener = createRowOpener({ datanet: DATANET, member: ada.address, memberKey: ada.key, readRing });
    const letter = await writeLetter(mine, own!, {
      opener,
      ownKey: ada.key.publicKey,
      members: [cyn.card],
      digester,
    });
    expect(membersWithout(own!, await listRings(mine, DATANET), members)).toEqual([]);

    const hers = await memoryNode();
    const take = (text: string, member = cyn.address, datanet = DATANET) =>
      takeLetter(hers, text, { datanet, member, digester });
    await expect(take(letter, ben.address)).rejects.toThrow('not sealed for');
    await expect(take(letter, cyn.address, `${DATANET}1`)).rejects.toThrow('it is about');
    await expect(take(letter.slice(0, -9))).rejects.toThrow();
    expect(await listRings(hers, DATANET)).toEqual([]);
    await take(`${letter.slice(0, 30)}\n ${letter.slice(30)}`);
    expect(await openFor(cyn, await listRings(hers, DATANET))).toBe('An owl.');

    expect(await shredRing(mine, sealer.ring.cid, DATANET, [client])).toBe(1);
    expect(await listRings(mine, DATANET)).toEqual([]);
    expect(await mine.blocks.has(sealer.ring.cid)).toBe(false);
    expect(await client.list()).toEqual([]);
    // The pinner removes unpinned blocks once it is idle.
    await vi.waitFor(() => expect(openFor(ben)).rejects.toThrow('withdrawn'));
    await expect(openFor(ada)).rejects.toThrow('withdrawn');
  } finally {
    await pinner.close();
    await rm(folder, { recursive: true, force: true });
  }
});
