// A Datanet, the influence of an adapter that was made of it, and receipts of its answers, all from a seed: what a receipt is verified with.

import { privateKeyToAccount } from 'viem/accounts';
import { placeRows } from '#lib/attribution/place-rows.ts';
import { toHex, type Hex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { createRng } from '#lib/core/rng.ts';
import type { BlockSource } from '#lib/dataset/read-blocks.ts';
import type { OpenVersion } from '#lib/dataset/version-reader.ts';
import type { Block } from '#lib/formats/block/block.ts';
import { rowContributor } from '#lib/formats/datanet/datanet-row.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { encodeAnswerReceipt, type AnswerReceipt } from '#lib/formats/payment/answer-receipt.ts';
import { answerReceiptTypedData } from '#lib/formats/payment/answer-receipt-signature.ts';
import { VECTOR_SIZE, type CallVector } from '#lib/formats/payment/call-vector.ts';
import { commitInfluenceRows } from '#lib/formats/payment/influence.ts';
import { encodeInfluenceFile, type FiledRow, type InfluenceHead } from '#lib/formats/payment/influence-file.ts';
import { ZERO_WORD } from '#lib/formats/payment/pot.ts';
import { hashRevealed, type RevealedAnswer } from '#lib/formats/payment/revealed-text.ts';
import { buildReceipt, type AnsweredPart, type AnsweredQuestion } from '#lib/settlement/build-receipt.ts';
import { readInfluenceFile, traceInfluence } from '#lib/settlement/read-influence.ts';

export const nodeAccount = privateKeyToAccount(`0x${'5a'.repeat(32)}`);
export const payerAccount = privateKeyToAccount(`0x${'6b'.repeat(32)}`);
const word = (byte: string): Hex => `0x${byte.repeat(32)}`;

export const REVEALED: Required<RevealedAnswer> = {
  input: { salt: word('71'), text: 'Which bird stands still?', tokens: [5, 1, 9] },
  output: { salt: word('72'), text: 'The heron does.', tokens: [7, 7, 2, 4] },
};

/** Rows of the Datanet: six contributors, every seventh row nearly repeats the one before. */
export const receiptRows = (count: number): object[] =>
  Array.from({ length: count }, (_, n) => {
    const said = n % 7 === 6 ? n - 1 : n;
    const text = `Bird number ${said} of the long list eats ${said * 37} seeds, drinks ${said * 11} drops, and sleeps until hour ${said % 24}.`;
    return {
      id: `r${String(n).padStart(3, '0')}`,
      text: said === n ? text : text.toUpperCase(),
      contributor: `0x${String(1 + (n % 6)).repeat(40)}`,
    };
  });

export interface ReceiptWorld {
  head: InfluenceHead;
  rows: readonly FiledRow[];
  artefact: Hex;
  /** Signed by the node unless changed. */
  answer(change?: Partial<AnsweredQuestion>, vectors?: readonly (CallVector | null)[]): Promise<AnswerReceipt>;
  /** The part of the adapter with influence. */
  part: AnsweredPart;
  vector(): CallVector;
}

export const signReceipt = async (receipt: AnswerReceipt): Promise<AnswerReceipt> => ({
  ...receipt,
  signature: await nodeAccount.signTypedData(answerReceiptTypedData(receipt)),
});

export const receiptBlock = (receipt: AnswerReceipt): Uint8Array => encodeAnswerReceipt(receipt);

const TERMS = { feeBps: 250, devBps: 4_000, dataBps: 4_000, nodeBps: 2_000 };
const DATANET = 7n;

/** Stores the file of influence in `put`; returns its digest. */
export function fileInfluence(
  head: InfluenceHead,
  rows: readonly FiledRow[],
  digester: Digester,
  put: (block: Block) => void,
): Hex {
  const blocks = encodeInfluenceFile(head, rows, digester);
  let next = blocks.next();
  for (; !next.done; next = blocks.next()) put(next.value);
  return toHex(next.value.cid.multihash.digest);
}

/** Compiles made-up vectors for the rows of `open`, which lies in `source`. */
export async function createReceiptWorld(
  open: OpenVersion,
  source: BlockSource,
  put: (block: Block) => void,
  digester: Digester,
): Promise<ReceiptWorld> {
  const rng = createRng(18);
  const values = () => Int8Array.from({ length: VECTOR_SIZE }, () => rng.below(256) - 128);
  const contents: JsonObject[] = [];
  const made: FiledRow[] = [];
  for (const shard of open.shards) {
    for (const { value, leaf } of await open.rows(shard)) {
      const previous = made.at(-1);
      contents.push(value);
      const own = {
        ownScale: 1_000 + rng.below(1_000),
        vector: contents.length % 7 === 0 ? previous!.vector : values(),
      };
      const origin = { contributor: rowContributor(value)!, datanet: DATANET, version: open.version.n };
      made.push({ rowLeaf: toHex(leaf), cluster: 0, scale: 0, ...origin, ...own });
    }
  }
  const placed = [...placeRows(made, (at) => contents[at]!, digester)];
  const rows = made.map((row, at): FiledRow => ({ ...row, ...placed[at]! }));
  const head: InfluenceHead = {
    ...{
      root: commitInfluenceRows(rows).root,
      rows: rows.length,
      threshold: 10_000_000,
      rhoBps: 6_000,
      liftPerToken: 20,
    },
    parent: null,
    cited: [{ datanet: DATANET, version: open.version.n, weight: 1, manifest: open.cid }],
  };
  const artefact = fileInfluence(head, rows, digester, put);
  const reading = { source, digester };
  const { known } = await traceInfluence(await readInfluenceFile(artefact, reading), reading);
  const part: AnsweredPart = {
    ...{ modelId: 3, version: 2, adapter: word('ad'), weightBps: 7_500 },
    terms: { ...TERMS, rhoBps: head.rhoBps },
    influence: { artefact, liftPerToken: head.liftPerToken, known },
    vector: null,
  };
  const plain: AnsweredPart = {
    ...{ modelId: 40, version: 1, adapter: ZERO_WORD, weightBps: 2_500, influence: null, vector: null },
    terms: { ...TERMS, rhoBps: 0 },
  };
  const vector = (): CallVector => ({ scale: 77, values: values() });
  return {
    head,
    rows,
    artefact,
    part,
    vector,
    answer: (change = {}, vectors = [vector(), null]) =>
      signReceipt(
        buildReceipt({
          ...{
            chain: { chainId: 31_337, settlement: `0x${'5e'.repeat(20)}` },
            time: 1_700_000_000,
            costWei: 10n ** 15n + 1n,
          },
          ...{ payer: payerAccount.address, node: nodeAccount.address, base: word('ba'), engine: word('e0') },
          ...{ input: hashRevealed('input', REVEALED.input), output: hashRevealed('output', REVEALED.output) },
          ...{ inputTokens: 3, outputTokens: 4, liftMillinats: 900 },
          parts: [part, plain].map((one, at) => ({ ...one, vector: vectors[at] ?? null })),
          ...change,
        }),
      ),
  };
}
