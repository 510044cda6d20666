// Errors of the IPFS room.

import type { SourceFailure } from '#lib/core/answer-watch.ts';
import { PayableError, type ErrorDetails } from '#lib/core/errors.ts';

/** The device has no room for more blocks. What the failed operation had written was removed. */
export class StorageFullError extends PayableError {
  constructor(cause?: unknown) {
    super('ipfs/storage-full', 'There is no room left on this device.', {
      hint: 'Free some room or unpin a dataset, then do it again.',
      cause,
    });
  }
}

/** The block store failed for a reason other than a full device. */
export class StoreFailedError extends PayableError {
  constructor(what: string, cause?: unknown) {
    super('ipfs/store-failed', `Blocks could not be ${what}.`, {
      hint: 'Close other tabs of the app, then try again.',
      cause,
    });
  }
}

/** A block is neither on this device nor at any source; or a file that should hold it does not. */
export class BlockMissingError extends PayableError {
  constructor(
    cid: string,
    { file, asked = [], cause }: { file?: string; asked?: readonly string[]; cause?: unknown } = {},
  ) {
    const [message, hint] =
      file !== undefined
        ? [`${file}: block ${cid} is missing.`, 'Fetch the version again, whole.']
        : asked.length === 0
          ? [`Block ${cid} is not on this device.`, 'Fetch it from a pinner.']
          : [`Block ${cid} is not here and not at ${asked.join(', ')}.`, 'Try again later, or name another pinner.'];
    super('ipfs/block-missing', message, { hint, cause });
  }
}

/** A graph or a folder is larger or deeper than allowed. */
export class TooLargeError extends PayableError {
  constructor(what: string) {
    super('ipfs/too-large', `${what}.`, { hint: 'Allow more, or take a part of it.' });
  }
}

/** A name that could point outside its folder. */
export class BadPathError extends PayableError {
  constructor(path: string, what: string) {
    super('ipfs/bad-path', `"${path.slice(0, 200)}" ${what}.`, {
      hint: 'Names have no slashes of their own, no "." or "..", and at most 255 bytes.',
    });
  }
}
/** A source sent something else than requested, or nothing. */
export class SourceFailedError extends PayableError {
  constructor(source: string, what: string, details: ErrorDetails = {}) {
    super('ipfs/source-failed', `${source}: ${what}.`, { hint: 'Try again later, or use another pinner.', ...details });
  }
}

/** For a watch over answers of `source`. */
export const sourceFailure =
  (source: string): SourceFailure =>
  (what, details) =>
    new SourceFailedError(source, what, details);

/** An address, or a place to connect to, that cannot be used. */
export class BadAddressError extends PayableError {
  constructor(address: string, what: string, cause?: unknown) {
    super('ipfs/bad-address', `"${address.slice(0, 200)}" ${what}.`, {
      hint: 'Copy the whole address from the page of the node.',
      cause,
    });
  }
}
