// Turns revert data into a sentence: finds the error by its selector, decodes its arguments and fills them into the text. An
// unknown error is shown as hex.

import { decodeErrorResult, parseAbi, toFunctionSelector, type AbiParameter, type Hex } from 'viem';
import { asTime } from '#lib/core/time-words.ts';
import { inEther, inOpen, inPercent } from '../words/amount-words.ts';
import { versionWords } from '../words/version-words.ts';
import { OPENZEPPELIN_ERROR_TEXTS } from './openzeppelin-error-texts.ts';
import { PAYABLE_ERROR_TEXTS } from './payable-error-texts.ts';

/** A revert in words. */
export interface RevertWords {
  /** The error's name, or its selector when it is unknown. */
  name: string;
  message: string;
}

export const ERROR_TEXTS: Readonly<Record<string, string>> = { ...OPENZEPPELIN_ERROR_TEXTS, ...PAYABLE_ERROR_TEXTS };

const PROPOSAL_STATES = ['pending', 'active', 'cancelled', 'defeated', 'successful', 'queued', 'expired', 'executed'];
const CONTRIBUTION_STATES = ['unknown', 'pending', 'accepted', 'rejected', 'appealed', 'dismissed', 'withdrawn'];
/** How to format an argument; amounts exactly, never rounded. */
export const WRITERS: Readonly<Record<string, (value: bigint) => string>> = {
  open: inOpen,
  eth: inEther,
  bps: inPercent,
  seconds: (seconds) => `${seconds} seconds`,
  time: asTime,
  version: versionWords,
  proposal: (state) => PROPOSAL_STATES[Number(state)] ?? `in state ${state}`,
  contribution: (state) => CONTRIBUTION_STATES[Number(state)] ?? `in state ${state}`,
};

const byCode = new Map<Hex, { declaration: string; text: string }>();
for (const [declaration, text] of Object.entries(ERROR_TEXTS)) {
  byCode.set(toFunctionSelector(declaration), { declaration, text });
}

const MAX_SHOWN = 140;
const shown = (value: unknown): string => String(value).slice(0, MAX_SHOWN);

function fill(text: string, inputs: readonly AbiParameter[], args: readonly unknown[]): string {
  return text.replaceAll(/\{(\w+)(?::(\w+))?\}/g, (_, name: string, as?: string) => {
    const value = args[inputs.findIndex((input) => input.name === name)];
    return as === undefined ? shown(value) : WRITERS[as]!(BigInt(value as bigint | number));
  });
}

const PANICS: Readonly<Record<string, string>> = {
  '1': 'The contract contradicts itself.',
  '17': 'A number became too large or fell below zero.',
  '18': 'Something was to be divided by zero.',
  '33': 'A value is none of those allowed.',
  '50': 'A place outside a list was asked for.',
};

/** A sentence for any revert data. */
export function wordsOfRevert(data: Hex): RevertWords {
  const selector = data.slice(0, 10) as Hex;
  if (data === '0x') return { name: '', message: 'The contract refused and gave no reason.' };
  try {
    const known = byCode.get(selector);
    if (known) {
      const abi = parseAbi([`error ${known.declaration}`] as readonly string[]);
      const { errorName, args, abiItem } = decodeErrorResult({ abi, data });
      const { inputs } = abiItem as { inputs: readonly AbiParameter[] };
      return { name: errorName, message: fill(known.text, inputs, args ?? []) };
    }
    const { errorName: name, args } = decodeErrorResult({ abi: [], data });
    const [value] = args as readonly [unknown];
    if (name === 'Error') return { name, message: `The contract refused: ${shown(value)}` };
    return { name, message: PANICS[String(value)] ?? `The contract failed with panic ${String(value)}.` };
  } catch {
    // Truncated, damaged, or of a foreign contract: shown as hex.
    const more = data.length > MAX_SHOWN ? '…' : '';
    return { name: selector, message: `The contract refused with an error unknown here: ${shown(data)}${more}` };
  }
}
