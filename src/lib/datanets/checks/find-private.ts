// What should not be in a public dataset: addresses, numbers and keys of persons and machines. Each kind is a pattern that takes
// time in proportion to the text, and a check that throws out what only looks like it. Found is not proven: people decide.

import { isIban, isLuhn } from './check-digits.ts';

export type PrivateKind =
  'e-mail' | 'phone' | 'card' | 'bank account' | 'social security' | 'ip address' | 'key' | 'password';

export interface PrivateFinding {
  kind: PrivateKind;
  /** Of the text, in UTF-16 units. */
  start: number;
  end: number;
  /** What was found with its middle left out, to be shown. */
  excerpt: string;
}

interface Rule {
  kind: PrivateKind;
  pattern: RegExp;
  isReal?: (found: string, before: string) => boolean;
}

const digitsOf = (text: string): string => text.replace(/\D/g, '');

const RULES: readonly Rule[] = [
  { kind: 'key', pattern: /-----BEGIN (?:[A-Z]{2,10} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g },
  { kind: 'key', pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g },
  { kind: 'key', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})\b/g },
  { kind: 'key', pattern: /\bglpat-[\w-]{20,64}/g },
  { kind: 'key', pattern: /\bxox[abeprs]-[A-Za-z0-9-]{10,250}/g },
  { kind: 'key', pattern: /\bAIza[\w-]{35}/g },
  { kind: 'key', pattern: /\bsk-[A-Za-z0-9_-]{20,200}/g },
  { kind: 'key', pattern: /\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,247}\b/g },
  { kind: 'key', pattern: /\b(?:hf|npm)_[A-Za-z0-9]{30,64}\b/g },
  { kind: 'key', pattern: /\beyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{10,2000}/g },
  {
    kind: 'key',
    pattern: /\b(?:0x)?[0-9a-fA-F]{64}\b/g,
    // As long as any sha256: only where the words before say what it is.
    isReal: (_, before) => /(?:private|secret|signing)[ _-]?key|mnemonic|seed\b/i.test(before),
  },
  {
    kind: 'password',
    pattern:
      /\b(?:pass(?:word|wd|phrase)?|pwd|secret|api[_-]?key|access[_-]?token|auth[_-]?token)["']?\s{0,3}[:=]\s{0,3}["']?[^\s"',;]{8,200}/gi,
    isReal: (found) => looksRandom(found.replace(/^.*?[:=]\s*["']?/s, '')),
  },
  {
    kind: 'e-mail',
    pattern: /(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,6}\.[A-Za-z]{2,24}\b/g,
    isReal: isMailbox,
  },
  {
    kind: 'bank account',
    pattern: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}\b/g,
    isReal: (found) => isIban(found.replaceAll(' ', '')),
  },
  {
    kind: 'card',
    pattern:
      /(?<![\d.+-])[2-6]\d{3}[ -]?\d{4}[ -]?\d{4}[ -]?\d{1,7}(?![\d-])|(?<![\d.+-])3[47]\d{2}[ -]?\d{6}[ -]?\d{5}(?![\d-])/g,
    isReal: (found) => digitsOf(found).length >= 13 && !/^(\d)\1+$/.test(digitsOf(found)) && isLuhn(digitsOf(found)),
  },
  {
    kind: 'social security',
    pattern: /(?<![\d-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])/g,
  },
  {
    kind: 'ip address',
    pattern: /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])/g,
    isReal: isPublicAddress,
  },
  {
    kind: 'phone',
    pattern:
      /(?<![\w.+-])(?:\+|00)[1-9](?:[ ()./-]{0,2}\d){6,13}(?!\d)|(?<![\w.+-])\(?0?\d{2,4}\)?[ ./-]\d{3,4}[ .-]\d{3,5}(?![\w-])/g,
    isReal: isPhone,
  },
];

/** Texts longer than this are looked at up to here. */
const MAX_CHARS = 1 << 20;
const MAX_FINDINGS = 100;

/** Everything found in `text`, by place; of what overlaps, the first rule's. */
export function findPrivate(text: string): PrivateFinding[] {
  const looked = text.slice(0, MAX_CHARS);
  const findings: PrivateFinding[] = [];
  for (const { kind, pattern, isReal } of RULES) {
    for (const { 0: found, index: start } of looked.matchAll(pattern)) {
      if (findings.length >= MAX_FINDINGS) break;
      const end = start + found.length;
      if (findings.some((other) => start < other.end && other.start < end)) continue;
      if (isReal && !isReal(found, looked.slice(Math.max(0, start - 40), start))) continue;
      findings.push({ kind, start, end, excerpt: excerptOf(found) });
    }
  }
  return findings.sort((a, b) => a.start - b.start);
}

function excerptOf(found: string): string {
  const line = found.replace(/\s+/g, ' ');
  return line.length <= 6 ? '…' : `${line.slice(0, 3)}…${line.slice(-2)}`;
}

/** Names reserved for examples (RFC 2606) are nobody's. */
function isMailbox(found: string): boolean {
  const domain = found.slice(found.lastIndexOf('@') + 1).toLowerCase();
  return !/(?:^|\.)(?:example|test|invalid|localhost)(?:\.(?:com|net|org))?$/.test(domain) && !found.includes('..');
}

function isPublicAddress(found: string): boolean {
  const parts = found.split('.').map(Number);
  const [a, b, c] = parts as [number, number, number];
  if (parts.some((part) => part > 255)) return false;
  const isPrivate =
    a === 0 || a === 10 || a === 127 || a >= 224 || (a === 192 && b === 168) || (a === 172 && b >= 16 && b < 32);
  const isExample =
    (a === 192 && b === 0 && c === 2) || (a === 198 && b === 51 && c === 100) || (a === 203 && b === 0 && c === 113);
  // Versions of software look the same: 1.2.3.4.
  return !isPrivate && !isExample && parts.some((part) => part > 20);
}

/** Not a date, nor a plain number in groups. */
function isPhone(found: string): boolean {
  const digits = digitsOf(found);
  if (digits.length < 8 || digits.length > 15) return false;
  if (/^(?:19|20)\d{2}[ ./-]/.test(found) || /[ ./-](?:19|20)\d{2}$/.test(found)) return false;
  return (
    found.startsWith('+') ||
    found.startsWith('00') ||
    found.startsWith('(') ||
    found.startsWith('0') ||
    digits.length === 10
  );
}

/** Letters beside digits or signs, and not one word over and over: not prose. */
function looksRandom(value: string): boolean {
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z\d]/].filter((kind) => kind.test(value)).length;
  return kinds >= 2 && new Set(value).size >= 6 && !/^[<{[(]|\.{3}|\*{3}|x{4}/i.test(value);
}
