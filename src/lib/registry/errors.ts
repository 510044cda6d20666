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

/** An adapter cannot be published as it was asked for. */
export class NotPublishableError extends PayableError {
  constructor(what: string, hint: string) {
    super('registry/not-publishable', what, { hint });
  }
}

/** Files of a registered model are not those that the chain names. */
export class OtherFilesError extends PayableError {
  constructor(what: string, named: string, found: string) {
    super('registry/other-files', `${what} has the hash ${found}, and the chain names ${named}.`, {
      hint: 'Do not use it. Its publisher named other files than were registered.',
    });
  }
}

/** There is no such model, or its files cannot be found from the chain alone. */
export class ModelNotFoundError extends PayableError {
  constructor(what: string, hint: string) {
    super('registry/model-not-found', what, { hint });
  }
}

/** The transaction that registers a model did not succeed. */
export class NotRegisteredError extends PayableError {
  constructor() {
    super('registry/not-registered', 'The files are uploaded, but the model was not registered.', {
      hint: 'Look at the transaction and publish again; nothing is uploaded twice.',
    });
  }
}

/** Files differ from those that the plan was made of. */
export class FilesChangedError extends PayableError {
  constructor(planned: string) {
    super('registry/files-changed', `The files are no longer those of the plan (${planned}).`, {
      hint: 'Wait until they stay as they are; then plan again.',
    });
  }
}

/** A transaction for the same version was sent, and its outcome is not known yet. */
export class ReleaseUnderWayError extends PayableError {
  constructor() {
    super('registry/release-under-way', 'This version was sent to the chain, and its transaction has not ended.', {
      hint: 'Wait until it has; then look again.',
    });
  }
}
