// What every call of the AttributionCourt needs: a game named in words, its bond and stake, and a row as the court takes it.

import { encodeAbiParameters, type AbiParameter, type Hex } from 'viem';
import type { ProposalMeta, ShownRow } from '#lib/formats/payment/court-game.ts';
import { influenceBookAbi } from '../../abi/influence-book.ts';

/** `ShownRow` of IInfluenceBook, which the court takes encoded. */
const shownType: AbiParameter = influenceBookAbi
  .find((entry) => entry.type === 'function' && entry.name === 'answerDemand')!
  .inputs.at(-1)!;

export const encodeShownRow = (shown: ShownRow): Hex => encodeAbiParameters([shownType], [shown]);

/** OPEN that a proposer puts in: the pool and a quarter of it. */
export const bondWei = (poolWei: bigint): bigint => poolWei + poolWei / 4n;

/** OPEN that a challenger puts in: a thousandth of the pool, rounded up. */
export const stakeWei = ({ draft }: ProposalMeta): bigint => (draft.pool + 999n) / 1000n;

export const gameWords = (game: bigint, { id }: ProposalMeta): string => `game ${game} about pot ${id}`;
