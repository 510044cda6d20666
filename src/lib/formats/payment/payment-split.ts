// Splits a payment to the wei, as Settlement does.

import { OutOfRangeError } from '#lib/core/errors.ts';

/** Basis points; developer, data and node sum to 10,000 and apply to what remains after the fee. */
export interface PaymentTerms {
  feeBps: number;
  devBps: number;
  dataBps: number;
  nodeBps: number;
  /** The part of the contributors' money that influence decides; default 0, as for a payment without a voucher. */
  rhoBps?: number;
  /** Whether the version cites a Datanet or a parent; default true. Without, the contributors' part is the developer's. */
  hasContributors?: boolean;
}

export interface PaymentSplit {
  /** Includes the dust, less what is kept. */
  feeWei: bigint;
  devWei: bigint;
  /** Of contributors: pool and flat money. */
  dataWei: bigint;
  nodeWei: bigint;
  /** The part of `dataWei` that goes into the pot. */
  poolWei: bigint;
  /** Set aside out of the fee: what proposing the pot's list is paid from. */
  keepWei: bigint;
  /** Left over from rounding, under 3 wei. */
  dustWei: bigint;
}

const BPS = 10_000n;
/** What is kept for proposing is at most a fiftieth of the pool. */
const KEEP_PARTS = 50n;
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const isBps = (bps: number) => Number.isInteger(bps) && bps >= 0 && bps <= 10_000;

const partDown = (wei: bigint, bps: number): bigint => (wei * BigInt(bps)) / BPS;

/** Every part is rounded down; the treasury receives the fee and the dust. */
export function splitPayment(grossWei: bigint, terms: PaymentTerms): PaymentSplit {
  const { feeBps, devBps, dataBps, nodeBps, rhoBps = 0, hasContributors = true } = terms;
  if (grossWei < 0n) throw new OutOfRangeError('A payment cannot be negative');
  if (![feeBps, devBps, dataBps, nodeBps, rhoBps].every(isBps) || devBps + dataBps + nodeBps !== 10_000) {
    throw new OutOfRangeError(`Shares of ${devBps}, ${dataBps} and ${nodeBps} bps are not a whole`);
  }
  const protocolWei = partDown(grossWei, feeBps);
  const rest = grossWei - protocolWei;
  const [dev, data, nodeWei] = [partDown(rest, devBps), partDown(rest, dataBps), partDown(rest, nodeBps)];
  const feeWei = grossWei - dev - data - nodeWei;
  const [devWei, dataWei] = hasContributors ? [dev, data] : [dev + data, 0n];
  const poolWei = partDown(dataWei, rhoBps);
  const keepWei = least(feeWei, poolWei / KEEP_PARTS);
  return { feeWei: feeWei - keepWei, devWei, dataWei, nodeWei, poolWei, keepWei, dustWei: feeWei - protocolWei };
}
