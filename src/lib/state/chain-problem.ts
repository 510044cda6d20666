// Words for what went wrong with a chain or a wallet; none when the user himself said no.

import { failureOf, isRejection } from '#lib/chain/tx/errors.ts';
import { PayableError } from '#lib/core/errors.ts';
import { toProblem, type Problem } from './model-state.svelte.ts';

export function chainProblem(error: unknown): Problem | null {
  if (isRejection(error)) return null;
  return error instanceof PayableError ? toProblem(error) : { message: failureOf(error).message };
}
