// An issue for a record that is still used: part of it was changed or left out.

import type { ImportIssue } from './import-file.ts';

/** `what` is a sentence without its full stop; `detail` may differ from record to record. */
export const noteOf = (where: string, line: number, what: string, hint: string, detail = ''): ImportIssue => ({
  line,
  message: `${where}: ${what}${detail && ` (${detail})`}.`,
  hint,
  note: what,
});
