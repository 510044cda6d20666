// Splits delimited text into fields while it arrives, like RFC 4180 and Python's csv module: a quoted field may hold separators,
// line ends and doubled quotes; lines end with LF, CRLF or CR, also mixed. Does not interpret columns.

export interface DelimitedLine {
  fields: string[];
  /** Line where it begins, from 1. */
  line: number;
  /** The fault in its quotes; its fields are then unreliable. */
  fault: string | null;
}

export interface DelimitedParser {
  /** The lines completed by this piece. */
  push(text: string): DelimitedLine[];
  /** The lines completed by the end of the text. */
  end(): DelimitedLine[];
  /** Characters of the unfinished field. */
  readonly waiting: number;
  /** Line where the unfinished record begins. */
  readonly line: number;
}

export function createDelimitedParser(delimiter: string): DelimitedParser {
  const stop = new RegExp(`[${/[\\\]^-]/.test(delimiter) ? '\\' : ''}${delimiter}\\r\\n]`, 'g');
  /** At the start of a field, in a plain or a quoted one, or after a quote in a quoted one. */
  let state: 'start' | 'plain' | 'quoted' | 'quote' = 'start';
  let fields: string[] = [];
  let field = '';
  let hasQuotes = false;
  let fault: string | null = null;
  let [line, start] = [1, 1];
  let isAfterCr = false;

  const endField = (): void => {
    fields.push(field);
    field = '';
    state = 'start';
  };
  const endLine = (found: DelimitedLine[]): void => {
    if (state === 'start' && fields.length === 0 && !hasQuotes) return;
    endField();
    found.push({ fields, line: start, fault });
    fields = [];
    hasQuotes = false;
    fault = null;
  };
  /** Counts a line end in any state; true for the LF of a CRLF. */
  const isSecondHalf = (c: string): boolean => {
    if (c === '\n' && isAfterCr) {
      isAfterCr = false;
      return true;
    }
    isAfterCr = c === '\r';
    line++;
    return false;
  };
  const countLines = (text: string): void => {
    for (let at = 0; at < text.length; at++) {
      const c = text[at]!;
      if (c === '\r' || c === '\n') isSecondHalf(c);
      else isAfterCr = false;
    }
  };
  return {
    push(text) {
      const found: DelimitedLine[] = [];
      for (let at = 0; at < text.length;) {
        const c = text[at]!;
        if (state === 'quoted') {
          const next = text.indexOf('"', at);
          const end = next < 0 ? text.length : next;
          const piece = text.slice(at, end);
          countLines(piece);
          field += piece;
          at = end + 1;
          if (next >= 0) {
            state = 'quote';
            isAfterCr = false;
          }
          continue;
        }
        if (c === '\r' || c === '\n') {
          at++;
          if (isSecondHalf(c)) {
            start = line;
            continue;
          }
          endLine(found);
          start = line;
          continue;
        }
        isAfterCr = false;
        if (c === delimiter) {
          endField();
          at++;
        } else if (state === 'quote') {
          if (c === '"') state = 'quoted';
          else {
            fault ??= `a quote within field ${fields.length + 1} is not doubled`;
            state = 'plain';
          }
          field += c;
          at++;
        } else if (state === 'start' && c === '"') {
          state = 'quoted';
          hasQuotes = true;
          at++;
        } else {
          stop.lastIndex = at;
          const end = stop.exec(text)?.index ?? text.length;
          field += text.slice(at, end);
          state = 'plain';
          at = end;
        }
      }
      return found;
    },
    end() {
      const found: DelimitedLine[] = [];
      if (state === 'quoted')
        fault = `the quote that opens field ${fields.length + 1} never closes; all that follows is in it`;
      endLine(found);
      return found;
    },
    get waiting() {
      return field.length;
    },
    get line() {
      return start;
    },
  };
}
