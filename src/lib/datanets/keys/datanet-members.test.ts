// Members on a real chain: a card is made and admitted; rows sealed for the list open for the new member; a removed member is not
// on the next list; a card for another Datanet is not valid.

import { privateKeyToAccount } from 'viem/accounts';
import { expect, it } from 'vitest';
import { datanetRegistryAbi } from '#lib/chain/abi/datanet-registry.ts';
import { createDatanet } from '#lib/chain/actions/datanets/create-datanet.ts';
import { describeDatanet } from '#lib/chain/actions/datanets/describe-datanet.ts';
import { createDigester } from '#lib/core/digester.ts';
import { toHex, type Hex } from '#lib/core/bytes.ts';
import { encodeAbout } from '#lib/formats/datanet/datanet-about.ts';
import { rowOf } from '#lib/formats/datanet/datanet-row.ts';
import { createRowOpener } from '#lib/dataset/row-opener.ts';
import { createRowSealer } from '../contributions/seal-contribution.ts';
import { contextOver, runToEnd } from '#tests/support/chain-context.ts';
import { memoryNode } from '#tests/support/ipfs-node.ts';
import { createSandbox } from '#tests/support/sandbox.ts';
import { datanetName } from '../datanet-name.ts';
import {
  describeMembers,
  makeCard,
  openMemberKey,
  readCard,
  readMembership,
  type MembersContext,
} from './datanet-members.ts';

const digester = await createDigester();
const random = (size: number) => crypto.getRandomValues(new Uint8Array(size));

it('a member is admitted, reads sealed rows, and is removed', async () => {
  const sandbox = await createSandbox();
  const { blocks } = await memoryNode();
  const people = await Promise.all(
    [11, 12].map(async (seed) => {
      const account = privateKeyToAccount(`0x${seed.toString(16).padStart(64, '0')}`);
      await sandbox.giveEther(account.address);
      const chain = contextOver(sandbox.transport, account);
      const context: MembersContext = { chain, digester, block: (cid) => blocks.read(cid) };
      return { context, signer: await chain.signer(), address: account.address.toLowerCase() as Hex };
    }),
  );
  const [owner, member] = people as [(typeof people)[0], (typeof people)[0]];
  const about = { name: 'Night birds', description: 'For members.', field: 'nature' };
  const described = encodeAbout(about, digester);
  await blocks.put(described.cid, described.bytes);
  const { chain } = owner.context;
  await runToEnd(
    chain,
    await createDatanet(chain, {
      ...{ meta: toHex(described.cid.multihash.digest), licence: 1, curatorBps: 0 },
      ...{ isOpen: true, minStakeOpen: 0, tags: [] },
    }),
  );
  const id = await chain.read.readContract({
    ...{ address: chain.addresses.DatanetRegistry, abi: datanetRegistryAbi },
    functionName: 'datanetCount',
  });
  const before = await readMembership(member.context, id);
  expect(before).toEqual({ datanet: datanetName(chain, id), about, members: [] });

  const key = await openMemberKey(member.signer, before.datanet, digester);
  const text = await makeCard(member.signer, before.datanet, key, digester);
  const card = await readCard(` ${text.slice(0, 40)}\n${text.slice(40)} `, before.datanet);
  expect(card.address).toBe(member.address);
  await expect(readCard(text, `${before.datanet}1`)).rejects.toThrow('it is for');
  await expect(readCard(text.slice(0, -4), before.datanet)).rejects.toThrow('cannot be read');

  async function setMembers(cards: (typeof card)[]) {
    const described = describeMembers(await readMembership(owner.context, id), cards, digester);
    for (const block of described) await blocks.put(block.cid, block.bytes);
    const meta = toHex(described.at(-1)!.cid.multihash.digest);
    await runToEnd(chain, await describeDatanet(chain, { datanet: id, meta, tags: [] }));
    return readMembership(member.context, id);
  }
  const { members, datanet } = await setMembers([card]);
  expect(members).toEqual([card]);

  const ownKey = await openMemberKey(owner.signer, datanet, digester);
  const terms = { datanet, contributor: owner.address, ownKey: ownKey.publicKey, members };
  const sealer = await createRowSealer(terms, { name: 'birds', digester, random });
  async function* rows() {
    yield [{ row: rowOf({ text: 'An owl.' }, 'birds'), line: 1 }];
  }
  const [[sealed]] = [(await sealer.seal(rows()).next()).value!];
  const opener = createRowOpener({
    datanet,
    member: member.address,
    memberKey: key,
    readRing: async () => sealer.ring.bytes,
  });
  expect((await opener.open(sealed!.row.value, 'row')).value).toEqual({ text: 'An owl.', contributor: owner.address });

  const after = await setMembers([]);
  expect(after.members).toEqual([]);
  expect(after.about).toEqual(about);
});
