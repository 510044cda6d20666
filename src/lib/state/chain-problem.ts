// Words for what went wrong with a chain or a wallet, and for a signature that its user declined.

import { failureOf, isRejection } from '#lib/chain/tx/errors.ts';
import { PayableError } from '#lib/core/errors.ts';
import { toProblem, type Problem } from './model-state.svelte.ts';

export function chainProblem(error: unknown): Problem {
  if (isRejection(error)) return { message: 'You declined to sign, so this went no further.' };
  return error instanceof PayableError ? toProblem(error) : { message: failureOf(error).message };
}
