// What is told of a record that is used all the same: something of it is kept in another way, or left out.

import type { ImportIssue } from './import-file.ts';

/** `what` is a sentence without its full stop; `detail` differs from record to record. */
export const noteOf = (where: string, line: number, what: string, hint: string, detail = ''): ImportIssue => ({
  line,
  message: `${where}: ${what}${detail && ` (${detail})`}.`,
  hint,
  note: what,
});
