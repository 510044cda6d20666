// The one error base of the product: a stable code for machines, a sentence and a remedy for people.
// It knows nothing of any room; every room derives its own classes in its `errors.ts`.

export interface ErrorDetails {
  /** What the reader can do about it, as one sentence. */
  hint?: string;
  cause?: unknown;
}

/**
 * Base of every error this product throws on purpose.
 *
 * `code` is stable and machine-readable (`area/what-went-wrong`), `message` says what was wrong and where,
 * `hint` says what to do next. Anything that is not a `PayableError` is a defect.
 */
export class PayableError extends Error {
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = details.hint;
  }

  /** The sentence and its remedy on one line, as the command line prints it. */
  toLine(): string {
    return this.hint ? `${this.message} ${this.hint}` : this.message;
  }
}

/** A long operation was stopped by its `signal`. */
export class AbortedError extends PayableError {
  constructor(cause?: unknown) {
    super('core/aborted', 'Stopped.', { cause });
  }
}

/** A number does not fit the place it is meant for. */
export class OutOfRangeError extends PayableError {
  constructor(what: string) {
    super('core/out-of-range', `${what}.`);
  }
}
