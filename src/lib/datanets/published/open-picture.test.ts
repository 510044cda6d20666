// Pictures from strangers: opening any id that a row names gives a picture or an error.

import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { PayableError } from '#lib/core/errors.ts';
import { attachmentsOf, MAX_ATTACHMENT_BYTES } from '#lib/formats/datanet/attachments.ts';
import { makeBlock, RAW, type CID } from '#lib/formats/block/block.ts';
import { addFile, addFolder } from '#lib/ipfs/add-files.ts';
import { BlockMissingError, TooLargeError } from '#lib/ipfs/errors.ts';
import { PNG } from '#tests/support/import-files.ts';
import { memoryNode } from '#tests/support/ipfs-node.ts';
import { openPicture } from './open-picture.ts';

const node = await memoryNode();
const asked: (number | undefined)[] = [];
const ipfs = {
  node,
  fetch: async (root: CID, { maxBytes }: { maxBytes?: number | undefined } = {}) => {
    asked.push(maxBytes);
    if (!(await node.blocks.has(root))) throw new BlockMissingError(root.toString());
  },
};
const look = (cid: CID) => openPicture(ipfs, { cid: cid.toString(), name: 'it' });

it('a picture in one block, in many, and sealed', async () => {
  const large = new Uint8Array(2_500_000).fill(3);
  large.set(PNG);
  for (const bytes of [PNG, large]) {
    const { info, bytes: found } = await look(await addFile(node, bytes));
    expect(info).toEqual({ mediaType: 'image/png', width: 1, height: 1 });
    expect(Buffer.from(found).equals(bytes)).toBe(true);
  }
  expect(asked.every((most) => most! >= MAX_ATTACHMENT_BYTES)).toBe(true);
  const cid = (
    await addFile(
      node,
      PNG.map((byte) => byte ^ 0xff),
    )
  ).toString();
  const unseal = async (bytes: Uint8Array<ArrayBuffer>) => bytes.map((byte) => byte ^ 0xff);
  expect((await openPicture(ipfs, { cid, name: 'it' }, { unseal })).info.mediaType).toBe('image/png');
});

test.each<[string, () => Promise<CID>, RegExp]>([
  ['a page that would run', () => addFile(node, Buffer.from('<svg onload="alert(1)"/>')), /not a valid PNG/],
  ['a folder', () => addFolder(node, [{ path: 'a.png', content: PNG }]), /it is no file/],
  ['nothing', () => addFile(node, new Uint8Array(0)), /not a valid PNG/],
  ['a head without a body', () => addFile(node, PNG.subarray(0, 20)), /not a valid PNG/],
  [
    'a missing block',
    async () => (await makeBlock(RAW, Uint8Array.of(9, 9, 9))).cid,
    /not on this device|Nobody|nowhere/,
  ],
])('%s is refused', async (_, make, words) => {
  await expect(look(await make())).rejects.toThrow(words);
});

it('a file larger than the limit is not read', async () => {
  const endless = async function* () {
    for (let at = 0; at < 66; at++) yield new Uint8Array(1 << 20).fill(at);
  };
  await expect(look(await addFile(node, endless()))).rejects.toBeInstanceOf(TooLargeError);
});

it('any bytes give a picture or an error', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.boolean(), async (tail, isPng) => {
      const bytes = isPng ? Uint8Array.from([...PNG.subarray(0, 16), ...tail]) : tail;
      await look(await addFile(node, bytes)).catch((error: unknown) => expect(error).toBeInstanceOf(PayableError));
    }),
    { numRuns: 150 },
  );
});

it('attachments of any row are valid, unique ids', () => {
  const id = 'bafkreiglyhnwjznq5cwzcmzlqpc6kfdvrlmjjap4nk5hcn2a32ypebuwwi';
  const cid = fc.oneof(fc.constant(id), fc.constant(id.toUpperCase()), fc.string(), fc.constant(`${id}a`));
  const entry = fc.oneof(fc.record({ cid, name: fc.string({ maxLength: 500 }) }), fc.jsonValue());
  fc.assert(
    fc.property(fc.oneof(fc.array(entry), fc.jsonValue()), (attachments) => {
      const found = attachmentsOf({ attachments });
      expect(found.map((one) => one.cid)).toEqual(found.length > 0 ? [id] : []);
      expect(found.every(({ name }) => name.length <= 200)).toBe(true);
    }),
    { numRuns: 300 },
  );
});
