// Rows for training from a packed version: in the order of its shards, under the ids and leaves of the version, and sealed rows
// opened for their members only.

import { privateKeyToAccount } from 'viem/accounts';
import { expect, it } from 'vitest';
import type { Hex } from '#lib/core/bytes.ts';
import { memberTypedData } from '#lib/formats/datanet/datanet-members.ts';
import { rowOf } from '#lib/formats/datanet/datanet-row.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { createRowSealer } from '#lib/datanets/contributions/seal-contribution.ts';
import { memberKey, memberKeyTypedData } from '#lib/dataset/member-keys.ts';
import { createRowOpener } from '#lib/dataset/row-opener.ts';
import { digester, packRows, someRows } from '#tests/support/datanets.ts';
import { formOfRow } from './example-form.ts';
import { fileSource, shardSource } from './row-sources.ts';
import type { RowSource, TrainingRow } from './training-row.ts';

async function rowsOf({ rows }: RowSource): Promise<TrainingRow[]> {
  const all: TrainingRow[] = [];
  for await (const batch of rows()) all.push(...batch);
  return all;
}

async function* once(values: readonly JsonObject[]) {
  yield values.map((value) => rowOf(value, 'test'));
}

it('a version and a file with the same rows have the same ids and leaves', async () => {
  const rows = [...someRows(200), { text: 'A row without an id.' }];
  const { open } = await packRows(rows);
  const source = shardSource(open, open.version.licence);
  expect([source.name, source.licence]).toEqual([open.name, open.version.licence]);
  const [packed, filed] = [await rowsOf(source), await rowsOf(fileSource('rows.jsonl', once(rows), digester))];
  const byId = (list: TrainingRow[]) => [...list].sort((a, b) => (a.id < b.id ? -1 : 1));
  expect(byId(packed)).toEqual(byId(filed));
});

it('a sealed row is opened for a member, and stays sealed for others', async () => {
  const datanet = '412346:0x00000000000000000000000000000000000000aa:7';
  const person = async (seed: Hex) => {
    const account = privateKeyToAccount(seed);
    const member = account.address.toLowerCase() as Hex;
    const key = await memberKey(await account.signTypedData(memberKeyTypedData(datanet, member)), digester);
    const card = { address: member, publicKey: key.publicKey };
    const signature = await account.signTypedData(memberTypedData(datanet, card));
    return { member, memberKey: key, card: { ...card, signature } };
  };
  const [ada, ben, cyn] = await Promise.all([1, 2, 3].map((n) => person(`0x${`${n}`.padStart(64, '0')}`)));
  const sealer = await createRowSealer(
    { datanet, contributor: ada!.member, ownKey: ada!.memberKey.publicKey, members: [ben!.card] },
    { name: 'test', digester, random: (size) => crypto.getRandomValues(new Uint8Array(size)) },
  );
  const sealed: JsonObject[] = [];
  const numbered = (async function* () {
    yield [{ row: rowOf({ id: 'a', text: 'A secret.' }, 'test'), line: 1 }];
  })();
  for await (const batch of sealer.seal(numbered)) sealed.push(...batch.map(({ row }) => row.value));
  const { open } = await packRows([...sealed, { id: 'b', text: 'Public.' }]);
  const readRing = async (id: string) => (id === sealer.ring.cid.toString() ? sealer.ring.bytes : null);
  const textsFor = async (who: typeof ada | null) => {
    const opener = who && createRowOpener({ datanet, member: who.member, memberKey: who.memberKey, readRing });
    const rows = await rowsOf(shardSource(open, open.version.licence, opener));
    return rows.map(({ id, value }) => [id, value['text'] ?? formOfRow(value)]);
  };
  const closed = { reason: 'the row is sealed and was not opened' };
  expect(await textsFor(ben)).toEqual([
    ['a', 'A secret.'],
    ['b', 'Public.'],
  ]);
  expect(await textsFor(cyn)).toEqual([
    ['a', closed],
    ['b', 'Public.'],
  ]);
  expect(await textsFor(null)).toEqual([
    ['a', closed],
    ['b', 'Public.'],
  ]);
});
