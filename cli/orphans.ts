// Unhandled rejections that are safe to ignore. For a damaged file PDF.js may reject a promise that it dropped, after
// it reported the same error to its caller.

import { PayableError } from '#lib/core/errors.ts';

const PDF_ERRORS = new Set([
  ...['ParserEOFException', 'XRefEntryException', 'XRefParseException', 'FormatError', 'MissingDataException'],
  ...['UnknownErrorException', 'InvalidPDFException', 'AbortException', 'FormatException'],
]);

/** Whether `error` is such a rejection of PDF.js. */
export const isPdfOrphan = (error: unknown): boolean =>
  error instanceof Error && !(error instanceof PayableError) && PDF_ERRORS.has(error.name);
