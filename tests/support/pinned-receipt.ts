// One receipt from a seed, made and verified: the same on every engine. It runs in Node and in a browser.

import { createReceiptWorld, receiptBlock, receiptRows } from './receipt-world.ts';
import { digester, packRows } from './datanets.ts';
import { cborCidOf } from '#lib/formats/block/block.ts';
import { receiptDigest } from '#lib/settlement/receipt-digest.ts';
import { verifyReceipt } from '#lib/flows/verify-receipt.ts';

export const PINNED = {
  cid: 'bafyreihnna6fryezd5qfx7wuo7fryfa3ul5uqc5h7ysr36wayl2wguh6o4',
  id: '0xc1f16a52672a280f9f4124b7c73ee44e07ab694d64d3c3e1dde954f41b3cb696',
  artefact: '0x0225091346808fb400318a586c4df68ddf6d563ffbab6fdb04dff7f9e176caea',
  verdict: 'true',
};

export async function makePinnedReceipt() {
  const { open, source } = await packRows(receiptRows(15), { datanet: `31337:0x${'cd'.repeat(20)}:7` });
  const put = (block: { cid: { toString(): string }; bytes: Uint8Array }) =>
    void source.blocks.set(block.cid.toString(), block.bytes);
  const world = await createReceiptWorld(open, source, put, digester);
  const receipt = await world.answer();
  const bytes = receiptBlock(receipt);
  let verdict: string | null = null;
  const { signal } = new AbortController();
  for await (const event of verifyReceipt({ source, digester }, { receipt: bytes }, { signal })) {
    if (event.type === 'verdict') verdict = event.verdict;
  }
  const cid = cborCidOf(digester.sha256(bytes)).toString();
  return { bytes, cid, id: receiptDigest(receipt), artefact: world.artefact, verdict };
}
