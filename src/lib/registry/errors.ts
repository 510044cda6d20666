// Errors of the registry.

import { PayableError } from '#lib/core/errors.ts';

/** A content id was named, and nothing that could have its blocks. */
export class NoGatewayError extends PayableError {
  constructor() {
    super('registry/no-gateway', 'No gateway, pinner or peer is named from which blocks of IPFS could be requested.', {
      hint: 'In the app add one under Datanets, Storage; on the command line name one with --gateway.',
    });
  }
}
