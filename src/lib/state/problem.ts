// An error as a page shows it: one sentence and, if there is one, a hint. Errors of chains and wallets are decoded; a declined
// signature is stated, not reported as a fault.

import { failureOf, isRejection } from '#lib/chain/tx/errors.ts';
import { PayableError } from '#lib/core/errors.ts';

export interface Problem {
  message: string;
  hint?: string | undefined;
}

export function toProblem(error: unknown): Problem {
  if (isRejection(error)) return { message: 'You declined to sign, so this went no further.' };
  if (error instanceof PayableError) return { message: error.message, hint: error.hint };
  return { message: failureOf(error).message };
}
