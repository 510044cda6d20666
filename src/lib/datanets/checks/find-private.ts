// What should not be in a public dataset: addresses, numbers and keys of persons and machines. Found is not proven: people decide.

import { PRIVATE_RULES, type PrivateKind } from './private-rules.ts';

export interface PrivateFinding {
  kind: PrivateKind;
  /** Of the text, in UTF-16 units. */
  start: number;
  end: number;
  /** What was found with its middle left out, to be shown. */
  excerpt: string;
}

/** Texts longer than this are looked at up to here. */
const MAX_CHARS = 1 << 20;
const MAX_FINDINGS = 100;
/** Every kind has one of these in it. */
const SUSPICIOUS = /[\d@:=([{\uff10-\uff19\uff20]|-----/;

/** Everything found in `text`, by place; of what overlaps, the first rule's. */
export function findPrivate(text: string): PrivateFinding[] {
  if (!SUSPICIOUS.test(text)) return [];
  const looked = plainSigns(text.slice(0, MAX_CHARS));
  const findings: PrivateFinding[] = [];
  for (const { kind, pattern, isReal } of PRIVATE_RULES) {
    for (const { 0: found, index: start } of looked.matchAll(pattern)) {
      if (findings.length >= MAX_FINDINGS) break;
      const real = isReal?.(found, looked.slice(Math.max(0, start - 40), start)) ?? true;
      if (real === false) continue;
      const end = start + (real === true ? found.length : real);
      if (findings.some((other) => start < other.end && other.start < end)) continue;
      findings.push({ kind, start, end, excerpt: excerptOf(looked.slice(start, end)) });
    }
  }
  return findings.sort((a, b) => a.start - b.start);
}

/** Spaces, hyphens and full-width signs of every kind as the plain one, unit by unit: places stay. */
const plainSigns = (text: string): string =>
  text
    .replace(/[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/g, ' ')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0));

function excerptOf(found: string): string {
  const line = found.replace(/\s+/g, ' ');
  return line.length <= 6 ? '…' : `${line.slice(0, 3)}…${line.slice(-2)}`;
}
