// Whether an answer is the expected text. Letters, signs, case and spaces inside count. Three things do not: which of the equivalent code
// points of Unicode a letter is written in (NFC), how lines end, and white space at both ends.

export const isExactMatch = (answer: string, expected: string): boolean => normalised(answer) === normalised(expected);

const normalised = (text: string): string => text.replaceAll('\r\n', '\n').normalize('NFC').trim();
