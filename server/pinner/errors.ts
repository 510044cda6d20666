// Errors of the pinner, each with its HTTP status.

import { PayableError, type ErrorDetails } from '#lib/core/errors.ts';

export class RefusedError extends PayableError {
  readonly status: 400 | 401 | 403 | 404 | 406 | 409 | 411 | 413 | 416 | 429 | 507;
  /** `reason` of the Pinning Service API, one word. */
  readonly reason: string;

  constructor(status: RefusedError['status'], reason: string, message: string, details: ErrorDetails = {}) {
    super('pinner/refused', message, details);
    this.status = status;
    this.reason = reason;
  }
}

export const badRequest = (message: string): RefusedError => new RefusedError(400, 'BAD_REQUEST', message);

/** The node behind the pinner (Kubo, a cluster) sent an unexpected answer. */
export class BackendFailedError extends PayableError {
  constructor(backend: string, what: string, cause?: unknown) {
    super('pinner/backend-failed', `${backend}: ${what}.`, { hint: 'Look at the log of that node.', cause });
  }
}

/** The pinner cannot start: its folder or one of its ports is in use. */
export class PinnerStartError extends PayableError {
  constructor(what: string, hint: string, cause: unknown) {
    super('pinner/start', `The pinner cannot start: ${what}.`, { hint, cause });
  }
}
