// What can go wrong with a transaction, as words: reverts by their error, a wallet's refusal, a chain that cannot be
// reached. It decides nothing about what happens next.

import {
  BaseError,
  HttpRequestError,
  InsufficientFundsError,
  TimeoutError,
  UserRejectedRequestError,
  type Hex,
} from 'viem';
import { PayableError } from '#lib/core/errors.ts';
import { wordsOfRevert } from './format-error.ts';
import type { Failure } from './record.ts';

/** A defect: an event that cannot follow the state a transaction is in. */
export class ImpossibleStepError extends PayableError {
  constructor(status: string, event: string) {
    super('tx/impossible-step', `A transaction that is ${status} cannot be ${event}.`);
  }
}

/** A transaction ended without doing what it was for. */
export class TransactionFailedError extends PayableError {
  constructor(explanation: string, { name, message }: Failure) {
    super('tx/failed', `${explanation} did not happen: ${message}`, {
      hint: name === '' ? 'Nothing was changed.' : `Nothing was changed (${name}).`,
    });
  }
}

export const UNREACHABLE = 'The chain cannot be reached. See whether it runs, then try again.';

/** The user said no in the wallet: not an error to show. */
export function isRejection(error: unknown): boolean {
  if (error instanceof BaseError) {
    return error.walk((cause) => cause instanceof UserRejectedRequestError || codeOf(cause) === 4001) !== null;
  }
  return codeOf(error) === 4001;
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null | undefined)?.code;

/** Revert data somewhere in an error's causes; nodes put it in different places. */
export function revertDataOf(error: unknown): Hex | undefined {
  const isData = (value: unknown): value is Hex => typeof value === 'string' && /^0x([0-9a-f]{2})*$/i.test(value);
  for (let cause = error, depth = 0; cause && depth < 12; depth++) {
    const { data } = cause as { data?: unknown };
    if (isData(data)) return data;
    const inner = (data as { data?: unknown } | null | undefined)?.data;
    if (isData(inner)) return inner;
    const raw = (cause as { raw?: unknown }).raw;
    if (isData(raw)) return raw;
    ({ cause } = cause as { cause?: unknown });
  }
  return undefined;
}

/** Why a simulation, a quote or a sending failed. */
export function failureOf(error: unknown): Failure {
  const data = revertDataOf(error);
  if (data !== undefined) return wordsOfRevert(data);
  if (error instanceof PayableError) return { name: error.code, message: error.toLine() };
  if (error instanceof BaseError) {
    if (error.walk((cause) => cause instanceof InsufficientFundsError)) {
      return { name: 'tx/insufficient-funds', message: 'The account has too little ether for this and its fee.' };
    }
    if (error.walk((cause) => cause instanceof HttpRequestError || cause instanceof TimeoutError)) {
      return { name: 'tx/unreachable', message: UNREACHABLE };
    }
    return { name: 'tx/refused', message: `The chain refused: ${firstLine(error.details || error.shortMessage)}` };
  }
  return { name: 'tx/refused', message: firstLine(error instanceof Error ? error.message : String(error)) };
}

const firstLine = (text: string): string => text.split('\n')[0]!.slice(0, 300);
