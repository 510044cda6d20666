// Folds the logs of payments into vouchers, pots and totals, as the contracts chain them, and refuses logs that contradict each
// other: a line that no split accounts for, a record that its lines do not make, a pot that its records do not make. Whether the
// result is what the contracts have in their books is left to `read-payments.ts`.

import type { Address, Hash, Hex } from 'viem';
import { PayableError } from '#lib/core/errors.ts';
import { packParent } from '#lib/formats/payment/lineage.ts';
import { chainLines, potOf, readRecordTerms, type PaidLine, type PotRecord } from '#lib/formats/payment/pot.ts';

/** A line of a voucher, and whose node answered. */
interface PendingLine extends PaidLine {
  node: Address;
  version: bigint;
}

/** One transaction's payment for a model version. */
export interface PaidVersion {
  node: Address;
  model: bigint;
  version: number;
  calls: bigint;
  grossWei: bigint;
  /** For contributors, including `poolWei`. */
  dataWei: bigint;
  /** What influence shares. */
  poolWei: bigint;
  /** What proposing the shares is paid from. */
  keepWei: bigint;
  hash: Hash;
}

export interface Redemption {
  record: PotRecord;
  /** In the order of their chain. */
  lines: readonly PaidLine[];
  hash: Hash;
}

/** The influence money of one node and model version. */
export interface PaidPot {
  /** Its number at the ledger; null while it collects. */
  id: bigint | null;
  node: Address;
  model: bigint;
  version: number;
  word: Hex;
  redemptions: readonly Redemption[];
}

export interface PaymentBooks {
  payments: PaidVersion[];
  pots: PaidPot[];
  /** Contributors' money since the last hand-over of these logs. */
  owedWei: bigint;
  isHandedOver: boolean;
}

/** An event with its place, names as in the contracts. */
export interface PaymentEvent {
  eventName: string;
  args: Readonly<Record<string, unknown>>;
  hash: Hash;
}

export class PaymentsIncompleteError extends PayableError {
  constructor(what: string) {
    super('chain/payments-incomplete', `The logs do not make what the contracts have in their books: ${what}.`, {
      hint: 'Read again up to the newest block, from where the pots began; or ask another provider for the logs.',
    });
  }
}

const LINE_WORDS = 2;

/** `version << 128 | amount << 32 | calls`, and the receipts. */
function linesOf(node: Address, words: readonly Hex[]): PendingLine[] {
  if (words.length % LINE_WORDS !== 0) throw new PaymentsIncompleteError('a line is cut off');
  return Array.from({ length: words.length / LINE_WORDS }, (_, at) => {
    const packed = BigInt(words[LINE_WORDS * at]!);
    return {
      node,
      version: packed >> 128n,
      amountWei: BigInt.asUintN(96, packed >> 32n),
      calls: Number(BigInt.asUintN(32, packed)),
      receipts: words[LINE_WORDS * at + 1]!,
    };
  });
}

const named = (version: bigint) => ({ model: version >> 32n, version: Number(version & 0xffff_ffffn) });
const sum = (parts: readonly bigint[]): bigint => parts.reduce((all, part) => all + part, 0n);

export function foldPayments(events: readonly PaymentEvent[]): PaymentBooks {
  const payments: PaidVersion[] = [];
  const pots: PaidPot[] = [];
  const open = new Map<string, Redemption[]>();
  let owedWei = 0n;
  let isHandedOver = false;
  let unbankedWei = 0n;
  // Of the transaction that is read now.
  let pending: PendingLine[] = [];
  let booked: { node: Address; version: bigint; record: PotRecord } | null = null;
  /** A split without lines: an invocation names it next. */
  let unnamed: PaidVersion | null = null;
  let hash: Hash | null = null;

  const isOf =
    (node: Address, version: bigint) =>
    (one: { node: Address; version: bigint }): boolean =>
      one.node === node && one.version === version;
  const endTransaction = () => {
    if (pending.length > 0 || booked || unnamed) throw new PaymentsIncompleteError(`a payment of ${hash} is cut off`);
  };

  const book = (node: Address, version: bigint, record: PotRecord) => {
    const lines = pending.filter(isOf(node, version));
    const isWhole =
      !booked &&
      record.lines === chainLines(lines) &&
      record.gross === sum(lines.map(({ amountWei }) => amountWei)) &&
      readRecordTerms(record.terms).lines === lines.length;
    if (!isWhole) throw new PaymentsIncompleteError(`the lines of ${hash} are not those of its record`);
    booked = { node, version, record };
    const key = `${node} ${version}`;
    const kept = lines.map(({ receipts, amountWei, calls }) => ({ receipts, amountWei, calls }));
    open.set(key, [...(open.get(key) ?? []), { record, lines: kept, hash: hash! }]);
  };

  const split = (args: Readonly<Record<string, bigint>>, node: Address) => {
    const { version, calls, gross, data } = args as Record<'version' | 'calls' | 'gross' | 'data', bigint>;
    const lines = pending.filter(isOf(node, version));
    pending = pending.filter((line) => !lines.includes(line));
    const record = booked && isOf(node, version)(booked) ? booked.record : null;
    if (booked && !record) throw new PaymentsIncompleteError(`a record of ${hash} has no split`);
    booked = null;
    const { poolWei, keepWei } = record ? readRecordTerms(record.terms) : { poolWei: 0n, keepWei: 0n };
    const paid = { node, ...named(version), calls, grossWei: gross, dataWei: data, poolWei, keepWei, hash: hash! };
    if (poolWei > data) throw new PaymentsIncompleteError(`a pool of ${hash} is more than what contributors get`);
    const amounts = sum(lines.map(({ amountWei }) => amountWei));
    const counts = sum(lines.map((line) => BigInt(line.calls)));
    if (unnamed) throw new PaymentsIncompleteError(`a split of ${hash} has no payment`);
    if (lines.length === 0) unnamed = paid;
    else if (gross !== amounts || calls !== counts) {
      throw new PaymentsIncompleteError(`the lines of ${hash} do not add up to what was split`);
    }
    unbankedWei += data + keepWei;
    payments.push(paid);
    // The Settlement adds what it owes when all versions of a redemption are split; a full pot is handed over before.
    if (pending.length > 0) return;
    owedWei += unbankedWei;
    unbankedWei = 0n;
  };

  const readers: Readonly<Record<string, (args: PaymentEvent['args']) => void>> = {
    Redeemed: ({ node, lines }) => void pending.push(...linesOf(node as Address, lines as readonly Hex[])),
    Booked: ({ node, version, record }) => book(node as Address, version as bigint, record as PotRecord),
    Split: (args) => split(args as Readonly<Record<string, bigint>>, args['node'] as Address),
    Invoked({ node, version, amount }) {
      const paid = unnamed;
      const isSplit = paid?.node === node && paid?.grossWei === amount && paid && packParent(paid) === version;
      if (!isSplit) throw new PaymentsIncompleteError(`a call of ${hash} has no split`);
      unnamed = null;
    },
    HandedOver({ amount }) {
      if (isHandedOver && owedWei !== amount) {
        throw new PaymentsIncompleteError(`what ${hash} handed over is not what was paid before`);
      }
      [owedWei, isHandedOver] = [0n, true];
    },
    Sealed({ id, node, version, pot }) {
      const key = `${node as Address} ${version as bigint}`;
      const redemptions = open.get(key) ?? [];
      open.delete(key);
      const word = potOf(redemptions.map(({ record }) => record));
      if (word !== pot) throw new PaymentsIncompleteError(`the records of pot ${id as bigint} do not make it`);
      pots.push({ id: id as bigint, node: node as Address, ...named(version as bigint), word, redemptions });
    },
  };

  for (const event of events) {
    if (event.hash !== hash) endTransaction();
    hash = event.hash;
    readers[event.eventName]?.(event.args);
  }
  endTransaction();
  for (const [key, redemptions] of open) {
    const [node, version] = key.split(' ') as [Address, string];
    const word = potOf(redemptions.map(({ record }) => record));
    pots.push({ id: null, node, ...named(BigInt(version)), word, redemptions });
  }
  return { payments, pots, owedWei, isHandedOver };
}
