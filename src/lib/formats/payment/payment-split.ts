// Splits a payment to the wei, as Settlement does.

import { OutOfRangeError } from '#lib/core/errors.ts';

/** Basis points; developer, data and node sum to 10,000 and apply to what remains after the fee. */
export interface PaymentTerms {
  feeBps: number;
  devBps: number;
  dataBps: number;
  nodeBps: number;
}

export interface PaymentSplit {
  /** Includes the dust. */
  feeWei: bigint;
  devWei: bigint;
  dataWei: bigint;
  nodeWei: bigint;
  /** Left over from rounding, under 3 wei. */
  dustWei: bigint;
}

const BPS = 10_000n;
const isBps = (bps: number) => Number.isInteger(bps) && bps >= 0 && bps <= 10_000;

const partDown = (wei: bigint, bps: number): bigint => (wei * BigInt(bps)) / BPS;

/** Every part is rounded down; the treasury receives the fee and the dust. */
export function splitPayment(grossWei: bigint, { feeBps, devBps, dataBps, nodeBps }: PaymentTerms): PaymentSplit {
  if (grossWei < 0n) throw new OutOfRangeError('A payment cannot be negative');
  if (![feeBps, devBps, dataBps, nodeBps].every(isBps) || devBps + dataBps + nodeBps !== 10_000) {
    throw new OutOfRangeError(`Shares of ${devBps}, ${dataBps} and ${nodeBps} bps are not a whole`);
  }
  const protocolWei = partDown(grossWei, feeBps);
  const rest = grossWei - protocolWei;
  const [devWei, dataWei, nodeWei] = [partDown(rest, devBps), partDown(rest, dataBps), partDown(rest, nodeBps)];
  const feeWei = grossWei - devWei - dataWei - nodeWei;
  return { feeWei, devWei, dataWei, nodeWei, dustWei: feeWei - protocolWei };
}
