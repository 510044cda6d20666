// Rows of payment channels, of what model versions were paid, of pots, and of committed influence.

import type { Address, Hex } from 'viem';
import { plus, update, type DecodedLog, type Reducers, type Rows } from './reducer.ts';
import type { ChannelRow, PotRow } from './tables.ts';

type Ends = { payer: Address; node: Address; signer: Address };

async function channel(
  rows: Rows,
  { args }: DecodedLog,
  change: (before: ChannelRow, args: Record<string, bigint>) => Partial<ChannelRow>,
) {
  const { payer, node, signer } = args as unknown as Ends;
  const key = `${payer}:${node}:${signer}` as const;
  const fresh: ChannelRow = { payer, node, signer, depositWei: '0', redeemedWei: '0', closeAt: 0, state: 'open' };
  const before = (await rows.get('channels', key)) ?? fresh;
  await rows.put('channels', key, { ...before, ...change(before, args as Record<string, bigint>) });
}

const deposited = (rows: Rows, log: DecodedLog) =>
  channel(rows, log, ({ depositWei }, { amount }) => ({ depositWei: plus(depositWei, amount!) }));

/** Amounts of the lines of `Redeemed`: every other word is `version << 128 | amount << 32 | calls`. */
const paidWei = (lines: readonly Hex[]): bigint =>
  lines.reduce((sum, word, at) => (at % 2 === 0 ? sum + BigInt.asUintN(96, BigInt(word) >> 32n) : sum), 0n);

/** `model << 32 | version`, as contracts name a version. */
const versionOf = (packed: bigint) => ({ model: String(packed >> 32n), version: Number(packed & 0xffff_ffffn) });
const versionKey = (packed: bigint) => `${packed >> 32n}:${packed & 0xffff_ffffn}` as const;

export const settlementReducers: Reducers = {
  ChannelOpened: deposited,
  ChannelToppedUp: deposited,
  CloseRequested: (rows, log) =>
    channel(rows, log, (_, { closeAt }) => ({ closeAt: Number(closeAt), state: 'closing' })),
  CloseCancelled: (rows, log) => channel(rows, log, () => ({ closeAt: 0, state: 'open' })),
  ChannelClosed: (rows, log) =>
    channel(rows, log, ({ depositWei }, { returned }) => ({
      depositWei: plus(depositWei, -returned!),
      state: 'closed',
    })),
  Redeemed(rows, log) {
    const { lines } = log.args as { lines: readonly Hex[] };
    return channel(rows, log, ({ redeemedWei }) => ({ redeemedWei: plus(redeemedWei, paidWei(lines)) }));
  },
  Split(rows, { args }) {
    const { version, calls, gross, fee, dev, data, nodePart } = args as Record<string, bigint>;
    return update(rows, 'income', versionKey(version!), (before) => ({
      ...versionOf(version!),
      calls: plus(before.calls, calls!),
      grossWei: plus(before.grossWei, gross!),
      feeWei: plus(before.feeWei, fee!),
      devWei: plus(before.devWei, dev!),
      dataWei: plus(before.dataWei, data!),
      poolWei: before.poolWei ?? '0',
      nodeWei: plus(before.nodeWei, nodePart!),
    }));
  },
  // The record comes before the split of the same payment.
  Booked(rows, { args }) {
    const { version, record } = args as { version: bigint; record: { terms: bigint } };
    const poolWei = BigInt.asUintN(96, record.terms);
    return update(rows, 'income', versionKey(version), (before) => ({ poolWei: plus(before.poolWei, poolWei) }));
  },
  async Withdrawn(rows, { args }) {
    const { account, amount } = args as { account: Address; amount: bigint };
    const before = await rows.get('withdrawals', account);
    await rows.put('withdrawals', account, { account, amountWei: plus(before?.amountWei, amount) });
  },
};

const pot = (rows: Rows, id: bigint, change: Partial<PotRow>): Promise<void> =>
  update(rows, 'pots', `${id}`, () => ({ id: String(id), ...change }));

export const ledgerReducers: Reducers = {
  Sealed(rows, { args }) {
    const {
      id,
      node,
      version,
      pot: word,
      court,
    } = args as {
      id: bigint;
      node: Address;
      version: bigint;
      pot: Hex;
      court: Address;
    };
    return pot(rows, id, { node, ...versionOf(version), word, court, state: 'sealed' });
  },
  Finalized(rows, { args }) {
    const { id, root, total } = args as { id: bigint; root: Hex; total: bigint };
    return pot(rows, id, { state: 'final', root, totalWei: String(total) });
  },
  Flattened: (rows, { args }) => pot(rows, (args as { id: bigint }).id, { state: 'flat' }),
  Claimed(rows, { args }) {
    const { id, account, amount } = args as { id: bigint; account: Address; amount: bigint };
    return rows.put('claims', `${id}:${account}`, { pot: String(id), account, amountWei: String(amount) });
  },
};

export const courtReducers: Reducers = {
  Proposed(rows, { args }) {
    const { id, proposer, meta, dataHash } = args as {
      id: bigint;
      proposer: Address;
      meta: { round: number; draft: { pool: bigint; total: bigint; size: number } };
      dataHash: Hex;
    };
    const { pool, total, size } = meta.draft;
    const proposed = { proposer, round: meta.round, accounts: size, dataHash };
    return pot(rows, id, { ...proposed, poolWei: String(pool), totalWei: String(total), state: 'proposed' });
  },
  // The pot waits for another proposal.
  Convicted: (rows, { args }) => pot(rows, (args as { id: bigint }).id, { state: 'sealed' }),
};

export const influenceReducers: Reducers = {
  InfluenceCommitted(rows, { args }) {
    const {
      version,
      artefact,
      root,
      rows: count,
      threshold,
      rhoBps,
    } = args as {
      version: bigint;
      artefact: Hex;
      root: Hex;
      rows: number;
      threshold: number;
      rhoBps: number;
    };
    const committed = { artefact, root, rows: count, threshold, rhoBps, isVoid: false };
    return rows.put('influence', versionKey(version), { ...versionOf(version), ...committed });
  },
  CommitmentVoid(rows, { args }) {
    return update(rows, 'influence', versionKey((args as { version: bigint }).version), () => ({ isVoid: true }));
  },
};
