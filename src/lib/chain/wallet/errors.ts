// Errors of the wallet. Messages never contain a secret.

import { PayableError } from '#lib/core/errors.ts';

export class NoWalletError extends PayableError {
  constructor() {
    super('wallet/none', 'There is no wallet on this device yet.', {
      hint: 'Create one, or restore one from its words.',
    });
  }
}

export class WalletExistsError extends PayableError {
  constructor(address: string) {
    super('wallet/exists', `This device already keeps the wallet ${address}.`, {
      hint: 'Back it up and forget it first; one device keeps one wallet.',
    });
  }
}

export class WalletLockedError extends PayableError {
  constructor() {
    super('wallet/locked', 'The wallet is locked.', { hint: 'Unlock it, then try again.' });
  }
}

/** The key does not decrypt the record. Authenticated encryption cannot tell a wrong key from a changed record. */
export class CannotUnsealError extends PayableError {
  constructor(what: string, cause?: unknown) {
    super('wallet/cannot-unseal', `The ${what} did not open: the key is another one, or the record was changed.`, {
      hint: 'Use the passkey it was made with. If that fails too, forget the wallet and restore it from its words.',
      cause,
    });
  }
}

/** The stored record cannot be read by this version. */
export class WalletRecordError extends PayableError {
  constructor(what: string) {
    super('wallet/bad-record', `The kept wallet cannot be read: ${what}.`, {
      hint: 'Update the app; or forget the wallet and restore it from its words.',
    });
  }
}

export class WalletStorageError extends PayableError {
  constructor(cause: unknown) {
    super('wallet/storage', 'This browser refused to keep or read the wallet.', {
      hint: 'Private windows often refuse storage. Nothing was changed.',
      cause,
    });
  }
}

export class PasskeyError extends PayableError {
  constructor(why: 'refused' | 'not-made' | 'no-prf' | 'unavailable', cause?: unknown) {
    const [message, hint] = {
      refused: ['The passkey was not used: the request was declined or took too long.', 'Try again.'],
      'not-made': [
        'No passkey was made: the request was declined or took too long.',
        'Try again, or let this browser keep the key.',
      ],
      'no-prf': [
        'This passkey cannot guard a key: it lacks the PRF extension.',
        'Let this browser keep the key instead, or use another passkey.',
      ],
      unavailable: ['This browser offers no passkeys here.', 'Let this browser keep the key instead.'],
    }[why];
    super(`wallet/passkey-${why}`, message!, { ...(hint === undefined ? {} : { hint }), cause });
  }
}

export class BadPhraseError extends PayableError {
  constructor(message: string, hint: string) {
    super('wallet/bad-phrase', message, { hint });
  }
}

/** The user declined. Pages show no error for it. */
export class DeclinedError extends PayableError {
  constructor() {
    super('wallet/declined', 'Declined.');
  }
}

/** A request to sign that is refused regardless of the user's approval. */
export class SigningRefusedError extends PayableError {
  constructor(message: string, hint?: string) {
    super('wallet/signing-refused', message, hint === undefined ? {} : { hint });
  }
}
