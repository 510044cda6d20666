// Failures of transactions as readable messages: reverts by their error, refusals by the wallet, an unreachable chain.

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

/** A defect: an event that is not possible in the transaction's state. */
export class ImpossibleStepError extends PayableError {
  constructor(status: string, event: string) {
    super('tx/impossible-step', `A transaction that is ${status} cannot be ${event}.`);
  }
}

/** A transaction ended without success. */
export class TransactionFailedError extends PayableError {
  constructor(explanation: string, { name, message }: Failure) {
    super('tx/failed', `The transaction failed: ${message}`, {
      hint: `Nothing was changed${name === '' ? '' : ` (${name})`}. The transaction was: ${explanation}.`,
    });
  }
}

export const UNREACHABLE = 'The chain cannot be reached. See whether it runs, then try again.';

/** The user declined in the wallet; not shown as an error. */
export function isRejection(error: unknown): boolean {
  if (error instanceof BaseError) {
    return error.walk((cause) => cause instanceof UserRejectedRequestError || codeOf(cause) === 4001) !== null;
  }
  return codeOf(error) === 4001;
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null | undefined)?.code;

/** Finds revert data in an error's causes; nodes put it in different places. */
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

/** The reason of a failed simulation, quote or send. */
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
