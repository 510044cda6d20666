// `payable verify`: computes a receipt again from files or from a gateway, and says whether it is true. The exit code says it too.

import { readFileSync } from 'node:fs';
import { parseReceiptsText } from '#lib/chain/vouchers/receipts-text.ts';
import { parseVoucherText } from '#lib/chain/vouchers/voucher-text.ts';
import type { BlockSource } from '#lib/dataset/read-blocks.ts';
import { verifyReceipt, type VerifyReceiptEvent, type VerifyReceiptInput } from '#lib/flows/verify-receipt.ts';
import { DAG_CBOR, parseCid } from '#lib/formats/block/block.ts';
import { MOST_RECEIPT_BYTES } from '#lib/formats/payment/answer-receipt.ts';
import { parseRevealed } from '#lib/formats/payment/revealed-text.ts';
import { createNodeDigester } from '#node/digester.ts';
import type { Command, OptionValues } from '../command.ts';
import { openCarFile, type CarFile } from '../datanet/car-file.ts';
import { UsageError } from '../errors.ts';
import { GATEWAY, gatewaySource } from '../gateway-source.ts';
import { readInput, requireFile } from '../input-files.ts';
import * as option from '../option-values.ts';

/** What the verdicts leave as exit code; 1 is for bad input, as everywhere. */
const CODES = { true: 0, false: 2, incomplete: 3 } as const;

export const verify: Command = {
  summary: 'computes the receipt of an answer again and says whether it is true',
  help: `payable verify RECEIPT [OPTIONS]

RECEIPT is a file with the receipt's block, a CAR whose root is the receipt, or its content id (bafyrei...). Everything that follows from
content ids is computed again in whole numbers: hashes, signature, costs, the file of influence, its rows and their clusters, and
every share. The first thing that differs is named.

  --with FILE.car   more blocks: the file of influence and the Datanets; may be given several times
  --gateway URL     where other blocks are fetched; for a content id ${GATEWAY}, for files none
  --receipts FILE   the receipts that the node showed its payer: is this answer among them?
  --voucher FILE    the voucher that pays those receipts
  --reveal FILE     question or answer, with salt and tokens, as their holder reveals them: do they have the hashes of the receipt?
                    Whether the model gives this answer and these shares again is not computed.
  --json            one JSON object with every check

Exit code: 0 true, 2 false, 3 a block is missing so that not all could be checked, 1 bad input.`,
  options: {
    with: { type: 'string', multiple: true },
    gateway: { type: 'string' },
    receipts: { type: 'string' },
    voucher: { type: 'string' },
    reveal: { type: 'string' },
    json: { type: 'boolean' },
  },
  words: 1,
  async run(values, { words: [name], signal, write, leave }) {
    if (name === undefined) throw new UsageError('Which receipt?', 'Name a file or a content id.');
    const cars: CarFile[] = [];
    try {
      for (const path of option.list(values, 'with')) cars.push(await openCarFile(path));
      const receipt = await receiptOf(name, cars);
      const source = sourceOf(cars, values, !(receipt instanceof Uint8Array) && cars.length === 0, signal);
      const input = { receipt, ...readMore(values) };
      const events: VerifyReceiptEvent[] = [];
      const digester = await createNodeDigester();
      for await (const event of verifyReceipt({ source, digester }, input, { signal })) events.push(event);
      const last = events.at(-1);
      const verdict = last?.type === 'verdict' ? last.verdict : 'incomplete';
      write(option.flag(values, 'json') ? `${JSON.stringify(asJson(events))}\n` : asText(events));
      leave(CODES[verdict]);
    } finally {
      await Promise.all(cars.map((car) => car.close()));
    }
  },
};

async function receiptOf(name: string, cars: CarFile[]): Promise<VerifyReceiptInput['receipt']> {
  if (/^baf[a-z2-7]{50,}$/.test(name)) {
    const cid = parseCid(name);
    if (cid.code !== DAG_CBOR) throw new UsageError(`${name} is the id of no receipt.`, 'Receipts begin with bafyrei.');
    return cid;
  }
  if (name.endsWith('.car')) {
    const car = await openCarFile(name);
    cars.push(car);
    const [root] = car.roots;
    if (!root) throw new UsageError(`${name} has no root.`, 'The root of the CAR is the receipt.');
    return root;
  }
  // One byte more than a receipt may have: that it is too long is then said like everything else about its form.
  return new Uint8Array(readFileSync(name).subarray(0, Math.min(requireFile(name), MOST_RECEIPT_BYTES + 1)));
}

function readMore(values: OptionValues): Omit<VerifyReceiptInput, 'receipt'> {
  const [receipts, voucher, reveal] = ['receipts', 'voucher', 'reveal'].map((name) => option.text(values, name));
  if (voucher !== undefined && receipts === undefined) {
    throw new UsageError('Option --voucher needs --receipts.', 'A voucher names the root of receipts only.');
  }
  return {
    paid:
      receipts === undefined
        ? null
        : {
            shown: parseReceiptsText(readInput(receipts)),
            voucher: voucher === undefined ? null : parseVoucherText(readInput(voucher)),
          },
    revealed: reveal === undefined ? null : parseRevealed(readInput(reveal), reveal),
  };
}

/** The files first, then the gateway. */
function sourceOf(
  cars: readonly CarFile[],
  values: OptionValues,
  needsGateway: boolean,
  signal: AbortSignal,
): BlockSource {
  const address = option.text(values, 'gateway') ?? (needsGateway ? GATEWAY : undefined);
  const sources: BlockSource[] = address === undefined ? [...cars] : [...cars, gatewaySource(address, signal)];
  return {
    name: sources.length === 1 ? sources[0]!.name : 'the files',
    async get(cid, stop) {
      for (const source of sources) {
        const found = await source.get(cid, stop);
        if (found) return found;
      }
      return null;
    },
  };
}

const partName = (part: number | null): string => (part === null ? '' : ` of part ${part}`);

function asText(events: readonly VerifyReceiptEvent[]): string {
  const lines = events.map((event) => {
    switch (event.type) {
      case 'receipt':
        return `receipt ${event.id}\nblock ${event.cid}`;
      case 'holds':
        return `true       ${event.check}${partName(event.part)}`;
      case 'open':
        return `not known  ${event.check}${partName(event.part)}: ${event.what}`;
      case 'differs':
        return `FALSE      ${event.check}${partName(event.part)}: ${event.what}`;
      case 'shares':
        return event.shares
          .map(
            ({ account, row, shareBps, amountWei }) =>
              `  ${account} row ${row}: ${shareBps} of 10,000, ${amountWei} wei`,
          )
          .concat(`  ${event.restWei} of ${event.poolWei} wei are flat money`)
          .join('\n');
      case 'verdict':
        return `The receipt is ${event.verdict === 'incomplete' ? 'not checked whole' : event.verdict}.`;
    }
  });
  return `${lines.join('\n')}\n`;
}

function asJson(events: readonly VerifyReceiptEvent[]): Record<string, unknown> {
  const found = events.find((event) => event.type === 'receipt');
  const last = events.at(-1);
  return {
    verdict: last?.type === 'verdict' ? last.verdict : 'incomplete',
    id: found?.id ?? null,
    cid: found?.cid ?? null,
    first: events.find((event) => event.type === 'differs') ?? null,
    checks: events.filter(({ type }) => type === 'holds' || type === 'open' || type === 'differs'),
    parts: events
      .filter((event) => event.type === 'shares')
      .map(({ part, shares, poolWei, restWei }) => ({
        ...{ part, poolWei: String(poolWei), restWei: String(restWei) },
        shares: shares.map((share) => ({ ...share, amountWei: String(share.amountWei) })),
      })),
  };
}
