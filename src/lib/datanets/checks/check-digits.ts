// Check digits: they distinguish a card or account number from any other run of digits.

/** Luhn's sum over `digits` (ISO/IEC 7812-1). */
export function isLuhn(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at]);
    const doubled = at % 2 === 1 ? 2 * digit : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return digits.length > 0 && sum % 10 === 0;
}

/** Length of an IBAN by country (ISO 13616, registry of 2024). */
const IBAN_LENGTHS: Readonly<Record<string, number>> = {
  ...{ AD: 24, AE: 23, AL: 28, AT: 20, AZ: 28, BA: 20, BE: 16, BG: 22, BH: 22, BR: 29, BY: 28, CH: 21, CR: 22, CY: 28 },
  ...{ CZ: 24, DE: 22, DK: 18, DO: 28, EE: 20, EG: 29, ES: 24, FI: 18, FO: 18, FR: 27, GB: 22, GE: 22, GI: 23, GL: 18 },
  ...{ GR: 27, GT: 28, HR: 21, HU: 28, IE: 22, IL: 23, IQ: 23, IS: 26, IT: 27, JO: 30, KW: 30, KZ: 20, LB: 28, LC: 32 },
  ...{ LI: 21, LT: 20, LU: 20, LV: 21, LY: 25, MC: 27, MD: 24, ME: 22, MK: 19, MR: 27, MT: 31, MU: 30, NL: 18, NO: 15 },
  ...{ PK: 24, PL: 28, PS: 29, PT: 25, QA: 29, RO: 24, RS: 22, SA: 24, SC: 31, SE: 24, SI: 19, SK: 24, SM: 27, ST: 25 },
  ...{ SV: 28, TL: 23, TN: 24, TR: 26, UA: 29, VA: 22, VG: 24, XK: 20 },
};

/** Whether `account`, in capitals and without spaces, is an IBAN: its country's length, and remainder 1 modulo 97. */
export function isIban(account: string): boolean {
  if (IBAN_LENGTHS[account.slice(0, 2)] !== account.length) return false;
  let rest = 0;
  for (const c of account.slice(4) + account.slice(0, 4)) {
    const value = c >= 'A' ? c.charCodeAt(0) - 55 : Number(c);
    rest = (value > 9 ? rest * 100 + value : rest * 10 + value) % 97;
  }
  return rest === 1;
}

/** How many characters at the start of `text` form an IBAN in groups; false when it does not start with one. */
export function ibanAtStart(text: string): number | false {
  const length = IBAN_LENGTHS[text.slice(0, 2).toUpperCase()] ?? 0;
  let account = '';
  for (let at = 0; at < text.length && account.length < length; at++) {
    if (/[a-z0-9]/i.test(text[at]!)) account += text[at]!.toUpperCase();
    if (account.length === length) return !/[a-z0-9]/i.test(text[at + 1] ?? '') && isIban(account) ? at + 1 : false;
  }
  return false;
}
