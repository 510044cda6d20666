// Upper, lower and title case, and Python's character predicates such as isdigit.

/** Characters that have a digit value without being decimal digits. */
const DIGITS =
  '\\p{Nd}\\u00b2\\u00b3\\u00b9\\u1369-\\u1371\\u19da\\u2070\\u2074-\\u2079\\u2080-\\u2089\\u2460-\\u2468\\u2474-\\u247c' +
  '\\u2488-\\u2490\\u24ea\\u24f5-\\u24fd\\u24ff\\u2776-\\u277e\\u2780-\\u2788\\u278a-\\u2792\\u{10a40}-\\u{10a43}' +
  '\\u{10e60}-\\u{10e68}\\u{11052}-\\u{1105a}\\u{1f100}-\\u{1f10a}';
const DIGIT = new RegExp(`^[${DIGITS}]+$`, 'u');
const ALPHANUMERIC = new RegExp(`^[\\p{L}\\p{N}${DIGITS}]+$`, 'u');
/** Digraphs have a separate title-case form. */
const TITLE: Record<string, string> = { ǆ: 'ǅ', Ǆ: 'ǅ', ǉ: 'ǈ', Ǉ: 'ǈ', ǌ: 'ǋ', Ǌ: 'ǋ', ǳ: 'ǲ', Ǳ: 'ǲ' };

const titleOf = (sign: string): string => {
  const upper = TITLE[sign] ?? sign.toUpperCase();
  const [first = '', ...rest] = upper;
  return first + rest.join('').toLowerCase();
};

export function capitalize(text: string): string {
  const [first = ''] = text;
  return titleOf(first) + lowerFrom(text, first.length);
}

/** Rest of a text in lower case; the form of a final sigma depends on the character before it. */
const lowerFrom = (text: string, from: number): string =>
  text.toLowerCase().slice(text.slice(0, from).toLowerCase().length);

const isCased = (sign: string): boolean => /[\p{Lu}\p{Ll}\p{Lt}]|[\p{Uppercase}\p{Lowercase}]/u.test(sign);

export function title(text: string): string {
  let out = '';
  let inWord = false;
  for (const sign of text) {
    out += inWord ? sign.toLowerCase() : titleOf(sign);
    inWord = isCased(sign);
  }
  return out;
}

export function swapCase(text: string): string {
  let out = '';
  for (const sign of text) out += sign === sign.toUpperCase() ? sign.toLowerCase() : sign.toUpperCase();
  return out;
}

function isTitle(text: string): boolean {
  let inWord = false;
  let found = false;
  for (const sign of text) {
    if (/[\p{Lu}\p{Lt}]/u.test(sign)) {
      if (inWord) return false;
      inWord = found = true;
    } else if (/\p{Ll}/u.test(sign)) {
      if (!inWord) return false;
      found = true;
    } else inWord = false;
  }
  return found;
}

export const QUESTIONS: Readonly<Record<string, (text: string) => boolean>> = {
  isalnum: (text) => ALPHANUMERIC.test(text),
  isalpha: (text) => /^\p{L}+$/u.test(text),
  isascii: (text) => /^[\0-\x7f]*$/.test(text),
  isdecimal: (text) => /^\p{Nd}+$/u.test(text),
  isdigit: (text) => DIGIT.test(text),
  isidentifier: (text) => /^[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*$/u.test(text),
  islower: (text) => /[\p{Ll}\p{Lowercase}]/u.test(text) && !/[\p{Lu}\p{Lt}\p{Uppercase}]/u.test(text),
  isnumeric: (text) => /^\p{N}+$/u.test(text),
  isprintable: (text) => !/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(text),
  isupper: (text) => /[\p{Lu}\p{Uppercase}]/u.test(text) && !/[\p{Ll}\p{Lt}\p{Lowercase}]/u.test(text),
  istitle: isTitle,
};
