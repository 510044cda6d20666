// Failures that nobody waited for and nobody needs to hear of. PDF.js starts more than it waits for: of a damaged file it may
// reject a promise that it let go of, after it has told the same to whoever asked.

import { PayableError } from '#lib/core/errors.ts';

const PDF_ERRORS = new Set([
  ...['ParserEOFException', 'XRefEntryException', 'XRefParseException', 'FormatError', 'MissingDataException'],
  ...['UnknownErrorException', 'InvalidPDFException', 'AbortException', 'FormatException'],
]);

/** Whether `error` is one of PDF.js's own that was left behind. */
export const isPdfOrphan = (error: unknown): boolean =>
  error instanceof Error && !(error instanceof PayableError) && PDF_ERRORS.has(error.name);
