// What a page shows of an error: one sentence and, where there is one, a hint. Errors of a chain or a wallet are decoded; a declined
// signature is not a fault.

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
