// Errors of session keys and vouchers. Messages never contain a secret.

import { PayableError } from '#lib/core/errors.ts';

export class SessionKeyError extends PayableError {
  constructor(why: 'unknown' | 'expired' | 'over-cap' | 'bad-terms' | 'bad-voucher', message: string, hint?: string) {
    super(`wallet/session-${why}`, message, hint === undefined ? {} : { hint });
  }
}
