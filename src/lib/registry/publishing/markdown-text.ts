// Text of other people inside Markdown: on one line, without characters that are not shown, and without a meaning for Markdown or HTML.

/** Punctuation that Markdown reads, and the pipe of its tables. */
const MARKS = /[\\`*_{}[\]<>#|!~&]/g;

export const inMarkdown = (text: string): string =>
  text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
    .replaceAll(MARKS, (mark) =>
      mark === '<' ? '&lt;' : mark === '>' ? '&gt;' : mark === '&' ? '&amp;' : `\\${mark}`,
    );
