// The court's part of the sixty steps: state and answers of a game, read from the logs of the last step.

import { parseEventLogs, type Log } from 'viem';
import { attributionCourtAbi } from '#lib/chain/abi/attribution-court.ts';
import { unpackNumbers } from '#lib/formats/payment/answer-numbers.ts';
import type { CourtPick, GameMove, GameTurn, ProposalMeta } from '#lib/formats/payment/court-game.ts';
import type { Line } from './market-stage.ts';

const eventsOf = (journal: readonly Line[]) =>
  parseEventLogs({ abi: attributionCourtAbi, logs: (journal.at(-1)!.logs ?? []) as unknown as Log[] });

/** The proposal that the last step made. */
export function proposedMeta(journal: readonly Line[]): ProposalMeta {
  const proposed = eventsOf(journal).find(({ eventName }) => eventName === 'Proposed');
  return (proposed!.args as { meta: ProposalMeta }).meta;
}

/** The game after the last step; null once it is lost. */
export function gameAfter(journal: readonly Line[], meta: ProposalMeta): GameMove | null {
  const stepped = eventsOf(journal).find(({ eventName }) => eventName === 'Stepped');
  if (!stepped) return null;
  const { game, turn } = stepped.args as unknown as { game: bigint; turn: GameTurn };
  return { game, meta, turn };
}

/** Asks about the first number or entry that is not nothing, as the last step said them. */
export function firstPick(journal: readonly Line[]): CourtPick {
  for (const { eventName, args } of eventsOf(journal)) {
    if (eventName === 'Answered') {
      const numbers = unpackNumbers(args.numbers);
      return { name: 'pick', numbers, index: numbers.findIndex((one) => one > 0n) };
    }
    if (eventName === 'CallOpened') return { name: 'pickEntry', entries: [...args.entries], index: 0 };
  }
  throw new Error('the last step has no answer');
}
