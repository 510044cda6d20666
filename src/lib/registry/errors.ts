// Errors of the registry.

import { PayableError } from '#lib/core/errors.ts';

/** A content id was named, and nothing that could have its blocks. */
export class NoGatewayError extends PayableError {
  constructor() {
    super('registry/no-gateway', 'No gateway or pinner is named from which blocks of IPFS could be requested.', {
      hint: 'Name a gateway: here in the app, or with --gateway on the command line.',
    });
  }
}
