// Payments through the Settlement, from its logs, bound to what the contracts have in their books: every pot to its word, and
// contributors' money to what the Settlement owes them. So the provider of the logs cannot move a part of one log into another, and
// cannot omit, repeat or invent a payment since the last hand-over.

import type { Address, Hash } from 'viem';
import { ZERO_WORD } from '#lib/formats/payment/pot.ts';
import { packParent } from '#lib/formats/payment/lineage.ts';
import { attributionLedgerAbi } from '../abi/attribution-ledger.ts';
import { settlementAbi } from '../abi/settlement.ts';
import type { ChainContext } from '../context.ts';
import {
  foldPayments,
  PaymentsIncompleteError,
  type PaidPot,
  type PaidVersion,
  type PaymentEvent,
} from './payment-books.ts';

export interface PaymentRange {
  /** No later than the first record of any pot that is open or sealed in the range. 0 reads from the beginning. */
  fromBlock: bigint;
  /** The newest block, since the books are read as they are now. */
  toBlock: bigint;
}

interface PlacedEvent extends PaymentEvent {
  address: Address;
  blockNumber: bigint;
  blockHash: Hash;
  transactionIndex: number;
  transactionHash: Hash;
  logIndex: number;
}

/** In the order of the chain. A log must be of the contract, in the range, and share block and place with its transaction. */
function inOrder(events: readonly PlacedEvent[], { fromBlock, toBlock }: PaymentRange): PlacedEvent[] {
  const sorted = [...events].sort((a, b) => Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex);
  const ended = new Set<Hash>();
  sorted.forEach((event, at) => {
    const before = sorted[at - 1];
    if (event.blockNumber < fromBlock || event.blockNumber > toBlock) {
      throw new PaymentsIncompleteError(`a log of block ${event.blockNumber} was not asked for`);
    }
    if (!before) return;
    const sameBlock = before.blockNumber === event.blockNumber;
    const sameTransaction = before.transactionHash === event.transactionHash;
    if (!sameTransaction) ended.add(before.transactionHash);
    const isPlaced =
      sameBlock === (before.blockHash === event.blockHash) &&
      (!sameBlock || before.logIndex < event.logIndex) &&
      (!sameBlock || sameTransaction === (before.transactionIndex === event.transactionIndex)) &&
      (!sameTransaction || sameBlock) &&
      !ended.has(event.transactionHash);
    if (!isPlaced) throw new PaymentsIncompleteError(`a log of ${event.transactionHash} is out of its place`);
  });
  return sorted;
}

type Reader = Pick<ChainContext, 'read' | 'addresses'>;

async function eventsOf({ read, addresses }: Reader, range: PaymentRange): Promise<PlacedEvent[]> {
  const { Settlement, AttributionLedger } = addresses;
  const { fromBlock, toBlock } = range;
  const [paid, sealed] = await Promise.all([
    read.getContractEvents({ address: Settlement, abi: settlementAbi, fromBlock, toBlock, strict: true }),
    read.getContractEvents({
      address: AttributionLedger,
      abi: attributionLedgerAbi,
      eventName: 'Sealed',
      fromBlock,
      toBlock,
      strict: true,
    }),
  ]);
  const isForeign =
    paid.some(({ address }) => BigInt(address) !== BigInt(Settlement)) ||
    sealed.some(({ address }) => BigInt(address) !== BigInt(AttributionLedger));
  if (isForeign) throw new PaymentsIncompleteError('a log is of another contract');
  return [...paid, ...sealed].map((log) => ({
    ...log,
    args: log.args as PaymentEvent['args'],
    hash: log.transactionHash,
  }));
}

/** A pot's word is at the ledger until it is final or flat, and at the Settlement before. */
async function checkPot({ read, addresses }: Reader, pot: PaidPot): Promise<void> {
  const { id, node, word } = pot;
  const version = packParent(pot);
  const differ = () =>
    new PaymentsIncompleteError(`the pot of ${node} for model ${pot.model} v${pot.version} is another`);
  if (id === null) {
    const books = { address: addresses.Settlement, abi: settlementAbi } as const;
    if ((await read.readContract({ ...books, functionName: 'pots', args: [node, version] })) !== word) throw differ();
    return;
  }
  const books = { address: addresses.AttributionLedger, abi: attributionLedgerAbi } as const;
  const kept = await read.readContract({ ...books, functionName: 'potOf', args: [id] });
  const isPaidOut = kept.word === ZERO_WORD && kept.state > SEALED;
  const isSame = kept.node === node && kept.version === version && (isPaidOut || kept.word === word);
  if (!isSame) throw differ();
}

/** `State.Sealed` of IAttributionLedger; final and flat come after it. */
const SEALED = 1;

/**
 * @throws PaymentsIncompleteError when the logs contradict each other or the books.
 *
 * @example
 * import { readPayments } from '#lib/chain/reads/read-payments.ts';
 *
 * const { payments, pots } = await readPayments(chain, { fromBlock: 0n, toBlock: await chain.read.getBlockNumber() });
 * const paidWei = payments.reduce((sum, { grossWei }) => sum + grossWei, 0n);
 * const records = pots.find(({ id }) => id === 12n)?.redemptions.map(({ record }) => record);
 */
export async function readPayments(
  reader: Reader,
  range: PaymentRange,
): Promise<{ payments: PaidVersion[]; pots: PaidPot[] }> {
  const books = foldPayments(inOrder(await eventsOf(reader, range), range));
  const { read, addresses } = reader;
  const [owedWei] = await Promise.all([
    read.readContract({ address: addresses.Settlement, abi: settlementAbi, functionName: 'owed' }),
    ...books.pots.map((pot) => checkPot(reader, pot)),
  ]);
  // Without a hand-over in a later range, what was paid before it is owed, too.
  const isBound = books.isHandedOver || range.fromBlock === 0n;
  if (isBound ? books.owedWei !== owedWei : books.owedWei > owedWei) {
    throw new PaymentsIncompleteError('contributors are owed another amount');
  }
  return { payments: books.payments, pots: books.pots };
}
