// Describes a request to sign in words: what happens, to whom, for how much, with warnings. Decodes known data and shows the rest
// unchanged; never guesses.

import { getAddress, isAddress, stringify, type AbiParameter, type Address, type TypedDataDefinition } from 'viem';
import { asDeviceTime, BY_DEVICE } from '#lib/core/time-words.ts';
import { inEther, inOpen } from '../words/amount-words.ts';
import type { ApprovalRequest, WalletCall } from './approval.ts';
import { contractAt, explainCall, fullName, type Known } from './explain-call.ts';
import { readSignIn } from './sign-in.ts';
import { cut, Given, type Detail } from './words/given.ts';
import { spokenName } from './words/labels.ts';
import { signingOf } from './words/typed-data-words.ts';

export interface Explanation {
  title: string;
  /** What happens, one sentence each. */
  sentences: string[];
  /** Details: names and values. */
  rows: Detail[];
  warning: string | null;
}

const isRead = ({ to, data }: WalletCall, known: Known): boolean =>
  data === '0x' || (to !== null && contractAt(to, known) !== undefined);

/** Sentences abbreviate addresses; here they are in full, for comparison. */
const inFull = (addresses: Iterable<Address>, known: Known): Detail[] => {
  const all = [...new Set(addresses)];
  return all.length === 0
    ? []
    : [{ label: 'Addresses in full', value: all.map((address) => fullName(address, known)).join('\n') }];
};

export function explainRequest(request: ApprovalRequest, known: Known): Explanation {
  switch (request.kind) {
    case 'transaction': {
      const { calls, maxFeeWei, from, delegatesTo } = request;
      const told = calls.map((call) => explainCall(call, known));
      const together = calls.length > 1 ? [`These ${calls.length} happen together or not at all.`] : [];
      const delegation = delegatesTo
        ? ['From now on your account runs the product’s batch contract. It obeys your key alone.']
        : [];
      return {
        title: calls.length > 1 ? `Send ${calls.length} calls as one` : 'Send a transaction',
        sentences: [...told.flatMap(({ sentences }) => sentences), ...together, ...delegation],
        rows: [
          ...told.flatMap(({ details }) => details),
          ...inFull(
            told.flatMap(({ addresses }) => addresses),
            known,
          ),
          { label: 'From', value: from },
          { label: 'Chain', value: known.chainName },
          { label: 'Fee at most', value: inEther(maxFeeWei) },
        ],
        warning: calls.every((call) => isRead(call, known))
          ? null
          : 'Agree only if you trust who asked: this app does not know what the call does.',
      };
    }
    case 'message':
      return explainMessage(request, known);
    case 'typed-data':
      return explainTypedData(request.data, request.from, known);
    case 'session-key': {
      const { node, capWei, expiresAtMs } = request.terms;
      return {
        title: 'Make a session key',
        sentences: [
          `A key of its own may pay the node ${fullName(node, known)} for answers without asking you each time, up to ${inOpen(capWei)} in all.`,
        ],
        rows: [
          { label: 'Ends', value: `${asDeviceTime(expiresAtMs)}, ${BY_DEVICE}` },
          { label: 'Chain', value: known.chainName },
        ],
        warning: null,
      };
    }
  }
}

function explainMessage({ text, raw, from }: Extract<ApprovalRequest, { kind: 'message' }>, known: Known): Explanation {
  const signIn = text === null ? null : readSignIn(text);
  const message = { label: text === null ? 'Bytes' : 'Message', value: text ?? cut(raw) };
  const signedBy = { label: 'Signed by', value: from };
  if (signIn) {
    const isForeign = known.host !== undefined && signIn.domain !== known.host;
    const place = URL.canParse(signIn.uri) ? new URL(signIn.uri).host : signIn.uri;
    return {
      title: `Sign in at ${place}`,
      sentences: [
        `This shows ${place} that the wallet is yours, so that it keeps files in your name and lets only you remove them.`,
        'It costs nothing, sends nothing to the chain, and gives no one access to the wallet.',
      ],
      rows: [{ label: 'Asked by', value: signIn.domain }, message, signedBy],
      warning: isForeign ? `The message names ${signIn.domain}, but this app was opened from ${known.host}.` : null,
    };
  }
  return {
    title: 'Sign a message',
    sentences: ['This costs nothing and sends nothing. With the signature anyone can prove that you wrote:'],
    rows: [message, signedBy],
    warning: text === null ? 'It is not readable text. Agree only if you know what it is.' : null,
  };
}

function explainTypedData(data: TypedDataDefinition, from: Address, known: Known): Explanation {
  const { domain, message, primaryType, types } = data;
  const { name, verifyingContract: at } = (domain ?? {}) as { name?: unknown; verifyingContract?: unknown };
  const address = typeof at === 'string' && isAddress(at, { strict: false }) ? getAddress(at) : null;
  const contract = address && contractAt(address, known);
  const last = [
    { label: 'Chain', value: known.chainName },
    { label: 'Signed by', value: from },
  ];
  if (!contract) {
    return {
      title: `Sign: ${cut(primaryType)}`,
      sentences: ['This sends nothing by itself, but anyone who gets the signature can use it as stated.'],
      rows: [
        { label: 'For', value: typeof name === 'string' ? cut(name) : 'not named' },
        { label: 'Contract', value: address ?? 'none' },
        // The units of unknown fields are unknown, so their values are shown unchanged.
        ...Object.entries(message).map(([label, value]) => ({
          label,
          value: typeof value === 'string' ? cut(value) : cut(stringify(value).replaceAll('"', '')),
        })),
        ...last,
      ],
      warning: 'This is for no contract of this app.',
    };
  }
  const addresses = new Set<Address>();
  const fields = new Given(message, parametersOf(types, primaryType), {
    contracts: known.contracts,
    mention: (one) => addresses.add(one),
    explain: () => [],
  });
  const signing = signingOf(contract.name, primaryType);
  const words = signing?.words(fields) ?? `Sign “${spokenName(primaryType)}” for ${contract.name}.`;
  return {
    title: signing?.title ?? `Sign for ${contract.name}`,
    sentences: [
      ...(typeof words === 'string' ? [words] : words),
      'This sends nothing by itself, but anyone who gets the signature can use it as stated.',
    ],
    rows: [...fields.rest(), ...inFull([...addresses, getAddress(contract.address)], known), ...last],
    warning: null,
  };
}

type Types = Record<string, readonly { name: string; type: string }[] | undefined>;

/** The fields of a type as ABI parameters; ends at recursive types. */
function parametersOf(types: Types, name: string, seen: readonly string[] = []): AbiParameter[] {
  if (seen.includes(name)) return [];
  return (types[name] ?? []).map((field): AbiParameter => {
    const base = field.type.split('[', 1)[0] ?? '';
    if (!types[base]) return field;
    const components = parametersOf(types, base, [...seen, name]);
    return { name: field.name, type: `tuple${field.type.slice(base.length)}`, components };
  });
}
