// What each kind of private data looks like: a pattern that runs in linear time, and a check that drops false matches. Texts come
// with plain spaces, hyphens and digits.

import { ibanAtStart, isLuhn } from './check-digits.ts';
import { isPublicIpv4, isPublicIpv6 } from './public-address.ts';

export type PrivateKind =
  'e-mail' | 'phone' | 'card' | 'bank account' | 'social security' | 'ip address' | 'key' | 'password';

export interface PrivateRule {
  kind: PrivateKind;
  pattern: RegExp;
  /** Whether the match is real, or how many characters of it are. `before` is the 40 characters before it. */
  isReal?: (found: string, before: string) => boolean | number;
}

const digitsOf = (text: string): string => text.replace(/\D/g, '');
const key = (pattern: RegExp, isReal?: PrivateRule['isReal']): PrivateRule => ({
  kind: 'key',
  pattern,
  ...(isReal && { isReal }),
});

/** Where matches overlap, the first rule wins. */
export const PRIVATE_RULES: readonly PrivateRule[] = [
  key(/-----BEGIN (?:[A-Z]{2,10} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g),
  key(/\bPuTTY-User-Key-File-\d\b|\bAGE-SECRET-KEY-1[A-Z0-9]{40,80}/g),
  key(/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g),
  key(/\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})\b/g),
  key(/\bglpat-[\w-]{20,64}/g),
  key(/\bxox[abeprs]-[A-Za-z0-9-]{10,250}|\bxapp-\d-[A-Za-z0-9-]{20,250}/g),
  key(/\bhooks\.slack\.com\/services\/[A-Z0-9]{6,14}\/[A-Z0-9]{6,14}\/[A-Za-z0-9]{18,30}/g),
  key(/\bAIza[\w-]{35}|\bGOCSPX-[\w-]{20,40}|\bya29\.[\w-]{20,250}/g),
  key(/\bsk-[A-Za-z0-9_-]{20,200}/g),
  key(/\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,247}\b|\bwhsec_[A-Za-z0-9]{24,64}/g),
  key(
    /\b(?:hf|npm|gsk|dckr_pat|glsa|xai-|pplx-)_?[A-Za-z0-9]{30,100}\b/g,
    (found) => /\d/.test(found) && /[a-z]/i.test(found),
  ),
  key(
    /\b(?:pypi-AgE[\w-]{50,400}|SG\.[\w-]{16,32}\.[\w-]{32,64}|do[opr]_v1_[a-f0-9]{64}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}|dapi[a-f0-9]{32})\b/g,
  ),
  // The token of a Telegram bot.
  key(/(?<![\w:])\d{8,10}:AA[\w-]{33}(?![\w-])/g),
  key(/\beyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{10,2000}/g),
  // Looks like any sha256 or base64, so it counts only when the words before it name a key.
  key(/\b(?:0x)?[0-9a-fA-F]{64}\b/g, (_, before) =>
    /(?:private|secret|signing)[ _-]?key|mnemonic|seed\b/i.test(before),
  ),
  key(/(?<![\w/+=])[A-Za-z0-9/+]{40}(?![\w/+=])/g, (found, before) => /aws|secret/i.test(before) && looksRandom(found)),
  key(/\b(?:AccountKey|SharedAccessKey|SharedAccessSignature)=[A-Za-z0-9+/=%&]{20,200}/g),
  {
    kind: 'password',
    pattern:
      /(?:pass(?:word|wd|phrase)?|pwd|passwort|contrase\u00f1a|mot de passe|secret|api[_-]?key|(?:access|auth|bearer|refresh)[_-]?token|client[_-]?secret|secret[_-]?access[_-]?key)["']?\s{0,3}[:=]\s{0,3}["']?[^\s"',;]{8,200}/gi,
    isReal: (found) => looksRandom(found.replace(/^[^:=]*[:=]\s*["']?/, '')),
  },
  // A password in the URL of a server.
  {
    kind: 'password',
    pattern: /\b[a-z][a-z0-9+]{1,15}:\/\/[^\s/:@"'<>]{1,64}:[^\s/@"'<>]{3,128}@[\w.-]{1,128}/gi,
    isReal: (found) => !/:(?:pass(?:word)?|pwd|xxx+|\*+|<|\$|\{)[^@]{0,20}@/i.test(found),
  },
  {
    kind: 'e-mail',
    pattern:
      /(?<![\p{L}\p{N}_.+%-])[\p{L}\p{N}_.+%-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){0,6}\.\p{L}{2,24}(?![\p{L}\p{N}])/gu,
    isReal: isMailbox,
  },
  {
    kind: 'e-mail',
    pattern:
      /(?<![\w.+-])[\w.+-]{1,64} ?[([{] ?at ?[)\]}] ?[\w-]{1,63}(?:(?:\.| ?[([{] ?dot ?[)\]}] ?)[\w-]{1,63}){1,5}/gi,
    isReal: (found) => isMailbox(found.replace(/ ?[([{] ?at ?[)\]}] ?/i, '@').replace(/ ?[([{] ?dot ?[)\]}] ?/gi, '.')),
  },
  {
    kind: 'bank account',
    pattern: /\b[a-z]{2}\d{2}(?:[ -]?[a-z0-9]{2,4}){3,8}(?![a-z0-9])/gi,
    isReal: ibanAtStart,
  },
  {
    kind: 'card',
    pattern:
      /(?<![\d.+-])[2-6]\d{3}[ .-]?\d{4}[ .-]?\d{4}[ .-]?\d{1,7}(?![\d-])|(?<![\d.+-])3[47]\d{2}[ .-]?\d{6}[ .-]?\d{5}(?![\d-])/g,
    isReal: (found) => isCard(digitsOf(found)),
  },
  {
    kind: 'social security',
    pattern: /(?<![\d-])(?!000|666|9)\d{3}([ -])(?!00)\d{2}\1(?!0000)\d{4}(?![\d-])/g,
    // With spaces it could be any grouped number, so the words before must name it.
    isReal: (found, before) => found.includes('-') || /ssn|social/i.test(before),
  },
  { kind: 'ip address', pattern: /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])/g, isReal: isPublicIpv4 },
  { kind: 'ip address', pattern: /(?<![\w:.])[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])/gi, isReal: isPublicIpv6 },
  {
    kind: 'phone',
    pattern:
      /(?<![\w.+-])(?:\+|00)[1-9](?:[ ()./-]{0,3}\d){6,13}(?!\d)|(?<![\w.+-])0\d{1,4}(?:[ ./-]{1,3}\d{2,4}){2,5}(?![\w-])|(?<![\w.+-])\(?0\d{2,4}\)?[ ./-]{1,3}\d{5,8}(?![\w-])|(?<![\w.+-])\(?0?\d{2,4}\)?[ ./-]{1,3}\d{3,4}[ .-]\d{3,5}(?![\w-])/g,
    isReal: isPhone,
  },
];

/** Prefixes and lengths in use; one number in ten passes the check digit by chance. */
const isCard = (digits: string): boolean =>
  /^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|2[2-7]\d{14}|6\d{15}|62\d{17}|3[47]\d{13})$/.test(digits) && isLuhn(digits);

/** Names reserved for examples (RFC 2606) belong to no person. */
function isMailbox(found: string): boolean {
  const domain = found.slice(found.lastIndexOf('@') + 1).toLowerCase();
  return !/(?:^|\.)(?:example|test|invalid|localhost)(?:\.(?:com|net|org))?$/.test(domain) && !found.includes('..');
}

/** Excludes dates and plain grouped numbers. */
function isPhone(found: string): boolean {
  const digits = digitsOf(found);
  if (digits.length < 8 || digits.length > 15) return false;
  if (/^(?:19|20)\d{2}[ ./-]/.test(found) || /[ ./-](?:19|20)\d{2}$/.test(found)) return false;
  if (/^\d{1,2}([./-])\d{1,2}\1\d{2,4}/.test(found) && !/^0\d([./-])\d\d\1\d\d\1\d\d\1\d\d$/.test(found)) return false;
  return /^[+(0]/.test(found) || digits.length === 10;
}

/** Mixed kinds of characters, and not a placeholder such as `xxxx` or `<token>`. */
function looksRandom(value: string): boolean {
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z\d]/].filter((kind) => kind.test(value)).length;
  return kinds >= 2 && new Set(value).size >= 6 && !/^[<{[(]|\.{3}|\*{3}|x{4}/i.test(value);
}
