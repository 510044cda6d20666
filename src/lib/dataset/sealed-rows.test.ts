// Rows for members only: they open for the members they were sealed for, in their place only, and not after the ring is destroyed.

import fc from 'fast-check';
import { privateKeyToAccount } from 'viem/accounts';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Hex } from '#lib/core/bytes.ts';
import { createDigester } from '#lib/core/digester.ts';
import { encodeKeyRing, parseKeyRing } from '#lib/formats/datanet/datanet-keys.ts';
import { encodeMembers, memberTypedData, parseMembers, type MemberCard } from '#lib/formats/datanet/datanet-members.ts';
import { rawCidOf } from '#lib/formats/block/block.ts';
import { rowContributor, rowOf } from '#lib/formats/datanet/datanet-row.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { sealedBox } from '#lib/formats/datanet/sealed-row.ts';
import { checkCard, memberKey, memberKeyTypedData, wrapKey } from './member-keys.ts';
import { createRowOpener } from './row-opener.ts';
import { createRowSealer, wrapForAll, type RowSealer } from '#lib/datanets/contributions/seal-contribution.ts';
import { importRowKey, openFile, openRow, sealFile, sealRow } from './sealed-rows.ts';

const digester = await createDigester();
const DATANET = '412346:0x00000000000000000000000000000000000000aa:7';
const random = (size: number) => crypto.getRandomValues(new Uint8Array(size));

async function person(seed: number) {
  const account = privateKeyToAccount(`0x${seed.toString(16).padStart(64, '0')}`);
  const address = account.address.toLowerCase() as Hex;
  const key = await memberKey(await account.signTypedData(memberKeyTypedData(DATANET, address)), digester);
  const unsigned = { address, publicKey: key.publicKey };
  const signature = await account.signTypedData(memberTypedData(DATANET, unsigned));
  return { address, key, card: { ...unsigned, signature } satisfies MemberCard };
}
type Person = Awaited<ReturnType<typeof person>>;

let [ada, ben, cyn]: Person[] = [];
let sealer: RowSealer;
let sealed: JsonObject[];
const RAW = [{ id: 'a', text: 'A secret.' }, { text: 'Another one, without an id.' }];

async function* once(rows: JsonObject[]) {
  yield rows.map((value, at) => ({ row: rowOf(value, 'test'), line: at + 1 }));
}
async function sealAll(rows: JsonObject[]): Promise<JsonObject[]> {
  const out: JsonObject[] = [];
  for await (const batch of sealer.seal(once(rows))) out.push(...batch.map(({ row }) => row.value));
  return out;
}
const openerOf = (who: Person, rings: Record<string, Uint8Array>, letters = [] as Uint8Array[]) =>
  createRowOpener({
    datanet: DATANET,
    member: who.address,
    memberKey: who.key,
    readRing: async (id) => rings[id] ?? null,
    letters: letters.map((bytes) => parseKeyRing(bytes, 'letter')),
  });

beforeAll(async () => {
  [ada, ben, cyn] = await Promise.all([person(1), person(2), person(3)]);
  const terms = { datanet: DATANET, contributor: ada.address, ownKey: ada.key.publicKey, members: [ben.card] };
  sealer = await createRowSealer(terms, { name: 'test', digester, random });
  sealed = await sealAll(RAW);
});

describe('sealed rows', () => {
  const rings = () => ({ [sealer.ring.cid.toString()]: sealer.ring.bytes });

  it('show id and contributor only, and lengths in steps', () => {
    expect(Object.keys(sealed[0]!).sort()).toEqual(['contributor', 'id', 'sealed']);
    expect(sealed[0]).toMatchObject({ id: 'a', contributor: ada!.address });
    expect(JSON.stringify(sealed)).not.toMatch(/secret|Another/);
    const lengths = sealed.map((value) => sealedBox(value)!.box.length);
    expect(new Set(lengths).size).toBe(1);
  });

  it('open unchanged for the contributor and a member, with the contributor named', async () => {
    for (const who of [ada!, ben!]) {
      const opener = openerOf(who, rings());
      for (const [at, value] of sealed.entries()) {
        const { value: opened } = await opener.open(value, 'row');
        expect(opened).toEqual({ ...RAW[at], contributor: ada!.address });
      }
    }
  });

  it('do not open for others, and for a later member only by a letter', async () => {
    await expect(openerOf(cyn!, rings()).open(sealed[0]!, 'row')).rejects.toThrow('are not sealed for');
    const ring = sealer.ring.cid.toString();
    const key = await openerOf(ada!, rings()).keyOf(ring);
    const terms = { datanet: DATANET, contributor: ada!.address, ownKey: ada!.key.publicKey, members: [cyn!.card] };
    const letter = await wrapForAll(key, ring, terms, digester);
    const { value } = await openerOf(cyn!, {}, [letter.bytes]).open(sealed[1]!, 'row');
    expect(value['text']).toBe(RAW[1]!.text);
    // Wrapped for Cyn, it opens only with her key.
    const stolen: Person = { ...cyn!, key: ben!.key };
    await expect(openerOf(stolen, {}, [letter.bytes]).open(sealed[1]!, 'row')).rejects.toThrow('are not sealed for');
  });

  it('stay sealed once the ring is destroyed', async () => {
    await expect(openerOf(ben!, {}).open(sealed[0]!, 'row')).rejects.toThrow('were withdrawn');
  });

  it('do not open with another id, contributor or Datanet, or with one byte changed', async () => {
    const opener = openerOf(ben!, rings());
    const [first] = sealed as [JsonObject];
    const box = sealedBox(first)!;
    const flipped = `${box.box.slice(0, -2)}${box.box.at(-2) === 'A' ? 'B' : 'A'}${box.box.at(-1)}`;
    const changed: JsonObject[] = [
      { ...first, id: 'b' },
      { ...first, contributor: ben!.address },
      { ...first, sealed: { ...box, box: flipped } },
      { ...first, sealed: { ...box, box: 'AAAA' } },
      { ...first, sealed: { ...box, box: 'A' } },
      { ...first, sealed: { ...box, box: 'AB' } },
    ];
    for (const value of changed)
      await expect(opener.open(value, 'row')).rejects.toThrow(/does not open|is empty|is damaged/);
    const key = await importRowKey(await opener.keyOf(box.ring));
    await expect(openRow(first, key, `${DATANET}1`, 'row')).rejects.toThrow('does not open');
  });

  it('are sealed for one contributor only, and once', async () => {
    await expect(sealAll([{ text: 'x', contributor: ben!.address }])).rejects.toThrow('contributes');
    const [again] = await sealAll([sealed[0]!]);
    expect(again).toEqual(sealed[0]);
  });

  it('bring files that open for members only, and reveal only the files’ ids', async () => {
    const file = random(5000);
    const box = await sealer.sealFile(file);
    const cid = rawCidOf(digester.sha256(box)).toString();
    const picture = { cid, name: 'nest.png', bytes: 5000, mediaType: 'image/png', width: 9, height: 9 };
    const [row] = await sealAll([{ text: '', attachments: [picture] }]);
    expect(row!['attachments']).toEqual([{ cid }]);
    expect(JSON.stringify(row)).not.toMatch(/nest|png/);
    const opener = openerOf(ben!, rings());
    expect((await opener.open(row!, 'row')).value['attachments']).toEqual([picture]);
    expect(await opener.openFile(row!, box, 'file')).toEqual(file);
    await expect(openerOf(cyn!, rings()).openFile(row!, box, 'file')).rejects.toThrow('are not sealed for');
    box[20]! ^= 1;
    await expect(opener.openFile(row!, box, 'file')).rejects.toThrow('does not open');
    // Replace the picture by that of another row.
    const other = rawCidOf(digester.sha256(random(9))).toString();
    await expect(opener.open({ ...row, attachments: [{ cid: other }] }, 'row')).rejects.toThrow('does not open');
  });

  it('a file opens with the key it was sealed with, in its own Datanet', async () => {
    const [key, otherKey] = await Promise.all([importRowKey(random(32)), importRowKey(random(32))]);
    const file = random(3000);
    const box = await sealFile(file, { key, datanet: DATANET, nonce: random(12) });
    expect(await openFile(box, key, DATANET, 'file')).toEqual(file);
    await expect(openFile(box, otherKey, DATANET, 'file')).rejects.toThrow('does not open');
    await expect(openFile(box, key, `${DATANET}1`, 'file')).rejects.toThrow('does not open');
  });

  it('any row round-trips', async () => {
    const key = await importRowKey(random(32));
    const ring = sealer.ring.cid.toString();
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          text: fc.string({ unit: 'grapheme' }),
          n: fc.integer(),
          deep: fc.array(fc.string(), { maxLength: 4 }),
        }),
        async (value) => {
          const row = rowOf({ ...value, contributor: ada!.address }, 'row');
          const shut = await sealRow(row, { key, ring, datanet: DATANET, nonce: random(12) }, 'row');
          expect((await openRow(shut.value, key, DATANET, 'row')).text).toBe(row.text);
          expect(rowContributor(shut.value)).toBe(ada!.address);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('members', () => {
  it('a wallet has one key per Datanet', async () => {
    expect((await person(1)).key.publicKey).toBe(ada!.key.publicKey);
    expect(ada!.key.publicKey).not.toBe(ben!.key.publicKey);
  });

  it('a card is valid for its address and its Datanet only', async () => {
    await checkCard(ben!.card, DATANET);
    await expect(checkCard(ben!.card, `${DATANET}1`)).rejects.toThrow('is not valid');
    await expect(checkCard({ ...ben!.card, address: cyn!.address }, DATANET)).rejects.toThrow('is not valid');
    await expect(checkCard({ ...ben!.card, publicKey: cyn!.card.publicKey }, DATANET)).rejects.toThrow('is not valid');
    await expect(checkCard({ ...ben!.card, signature: `0x${'00'.repeat(65)}` }, DATANET)).rejects.toThrow('no account');
    const noPoint = { ...ben!.card, publicKey: `0x04${'11'.repeat(64)}` } satisfies MemberCard;
    await expect(wrapKey(random(32), noPoint, DATANET)).rejects.toThrow('not a point');
  });

  it('lists and rings round-trip; damaged ones give an error', () => {
    const list = encodeMembers({ datanet: DATANET, members: [ben!.card, ada!.card] }, digester);
    const { members } = parseMembers(list.bytes, 'x');
    expect(members.map(({ address }) => address)).toEqual([ada!.address, ben!.address].sort());
    expect(() => encodeMembers({ datanet: DATANET, members: [ben!.card, ben!.card] }, digester)).toThrow('not sorted');
    expect(() => encodeMembers({ datanet: 'birds', members: [] }, digester)).toThrow('chain:contract:id');
    const ring = parseKeyRing(sealer.ring.bytes, 'x');
    expect(ring).toMatchObject({ datanet: DATANET, contributor: ada!.address, of: null });
    expect(() => encodeKeyRing({ ...ring, of: 'x' }, digester)).toThrow('not the id of a ring');
    for (const [bytes, parse] of [
      [list.bytes, parseMembers],
      [sealer.ring.bytes, parseKeyRing],
    ] as const) {
      for (let at = 0; at < bytes.length; at += 7) {
        expect(() => parse(bytes.subarray(0, at), 'x')).toThrow();
      }
    }
  });
});
