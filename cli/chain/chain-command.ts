// Shared by the chain commands: finds the verb, opens and closes the chain, runs a plan to its end, and prints the
// outcome as a line or one JSON object.

import { getAddress, isAddress, parseEther, stringify, type Address } from 'viem';
import type { ActionPlan } from '#lib/chain/tx/plan.ts';
import { inEther } from '#lib/chain/words/amount-words.ts';
import { TransactionFailedError } from '#lib/chain/tx/errors.ts';
import type { TxRecord } from '#lib/chain/tx/record.ts';
import { runPlan } from '#lib/chain/tx/run.ts';
import type { Command, OptionTypes, OptionValues } from '../command.ts';
import { UsageError } from '../errors.ts';
import * as option from '../option-values.ts';
import { CHAIN_HELP, CHAIN_OPTIONS, openChain, type OpenChain } from './open-chain.ts';

/** Output: the object with --json, the line without. */
export interface Outcome {
  line: string;
  object: Readonly<Record<string, unknown>>;
}

export interface VerbContext extends OpenChain {
  values: OptionValues;
  /** Arguments after the verb. */
  words: readonly string[];
  signal: AbortSignal;
  /** Writes a line before the outcome; with --json nothing. */
  say(line: string): void;
}

export interface Verb {
  /** Names of its arguments, such as `ADDRESS AMOUNT`; no more may be given. */
  usage: string;
  summary: string;
  run(context: VerbContext): Promise<Outcome>;
}

/** `payable NAME VERB WORDS…` over one chain. */
export function chainCommand(
  name: string,
  summary: string,
  verbs: Record<string, Verb>,
  more: OptionTypes = {},
  moreHelp = '',
): Command {
  const list = Object.entries(verbs).map(
    ([verb, { usage, summary }]) => `  ${`${verb} ${usage}`.padEnd(34)} ${summary}`,
  );
  return {
    summary,
    help: `payable ${name} VERB [WORDS] [OPTIONS]\n\n${list.join('\n')}\n\n${moreHelp}${CHAIN_HELP}`,
    options: { ...CHAIN_OPTIONS, ...more },
    words: 4,
    async run(values, { words, signal, write }) {
      const [called = '', ...rest] = words;
      const verb = Object.hasOwn(verbs, called) ? verbs[called] : undefined;
      if (!verb) {
        const hint = `It takes ${Object.keys(verbs).join(', ')}.`;
        throw new UsageError(
          called === '' ? `payable ${name} needs a verb.` : `There is no ${name} "${called.slice(0, 40)}".`,
          hint,
        );
      }
      const most = verb.usage === '' ? 0 : verb.usage.split(' ').length;
      if (rest.length > most)
        throw new UsageError(
          `"${rest[most]!.slice(0, 60)}" is one word too many.`,
          `It is ${name} ${called} ${verb.usage}.`,
        );
      const open = await openChain(values);
      const json = option.flag(values, 'json');
      const say = (text: string) => {
        if (!json) write(`${text}\n`);
      };
      try {
        const { line, object } = await verb.run({ ...open, values, words: rest, signal, say });
        write(`${json ? stringify(object) : line}\n`);
      } finally {
        open.close();
      }
    },
  };
}

export function word({ words }: VerbContext, at: number, what: string): string {
  const found = words[at];
  if (found === undefined) throw new UsageError(`${what} is missing.`, 'See --help.');
  return found;
}

/** The given address, or that of the key. `question` is the error's text when there is neither. */
export function addressOrOwn({ words, account }: VerbContext, question: string): Address {
  const named = words[0] ?? account?.address;
  if (named === undefined) throw new UsageError(question, 'Name an address, or give a key.');
  if (!isAddress(named)) throw new UsageError(`"${named.slice(0, 60)}" is not an address, or is mistyped.`, question);
  return getAddress(named);
}

/** A decimal amount such as `12.5`, in wei. */
export function amountWei(text: string): bigint {
  if (!/^\d{1,12}([.]\d{1,18})?$/.test(text)) {
    throw new UsageError(`"${text.slice(0, 40)}" is not an amount.`, 'Write it like 12.5, with at most 18 decimals.');
  }
  return parseEther(text);
}

/** Runs a plan and returns its last transaction. @throws TransactionFailedError when a transaction failed */
export async function runAction({ context, host, signal }: VerbContext, plan: ActionPlan): Promise<Outcome> {
  let last: TxRecord | undefined;
  for await (const record of runPlan(context, plan, host, { signal })) last = record;
  const { state, explanation, verb } = last!;
  if (state.status !== 'safe') {
    const failure =
      'failure' in state ? state.failure : { name: `tx/${state.status}`, message: `it was ${state.status}.` };
    throw new TransactionFailedError(explanation, failure);
  }
  const { hash, blockNumber, gasUsed, feeWei } = state;
  return {
    line: `${explanation}. Fee ${inEther(BigInt(feeWei))}, block ${blockNumber}, transaction ${hash}.`,
    object: { verb, explanation, hash, blockNumber, gasUsed, feeWei },
  };
}
