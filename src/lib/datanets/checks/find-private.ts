// Finds addresses, numbers and keys of persons and machines that should not be in a public dataset. A finding is a suspicion:
// people decide.

import { PRIVATE_RULES, type PrivateKind } from './private-rules.ts';

export interface PrivateFinding {
  kind: PrivateKind;
  /** Offset in the text, in UTF-16 units. */
  start: number;
  end: number;
  /** The finding with its middle left out, for display. */
  excerpt: string;
}

/** Longer texts are searched up to here. */
const MAX_CHARS = 1 << 20;
const MAX_FINDINGS = 100;
/** Every kind of finding contains one of these. */
const SUSPICIOUS = /[\d@:=([{\uff10-\uff19\uff20]|-----/;

/** All findings in `text`, by place; where findings overlap, that of the first rule. */
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

/** Replaces spaces, hyphens and full-width signs by their plain form, unit by unit, so that places stay. */
const plainSigns = (text: string): string =>
  text
    .replace(/[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/g, ' ')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0));

function excerptOf(found: string): string {
  const line = found.replace(/\s+/g, ' ');
  return line.length <= 6 ? '…' : `${line.slice(0, 3)}…${line.slice(-2)}`;
}
