// A request to sign in words: what happens, to whom, for how much, and what to look out for. It decodes what it knows and
// shows the rest as it is; it never guesses.

import { decodeFunctionData, getAddress, size, stringify, type Abi, type Address } from 'viem';
import { openTokenAbi } from '../abi/open-token.ts';
import { inEther, inOpen } from '../amount-words.ts';
import type { ApprovalRequest, WalletCall } from './approval.ts';

/** A contract of the product on the chain at hand. */
export interface KnownContract {
  name: string;
  address: Address;
  abi: Abi;
}

export interface Explanation {
  title: string;
  /** What happens, one sentence each. */
  sentences: string[];
  /** Details: names and values. */
  rows: { label: string; value: string }[];
  warning: string | null;
}

interface Known {
  chainName: string;
  open: Address;
  contracts: readonly KnownContract[];
}

const MAX_VALUE = 400;
const cut = (text: string): string => (text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text);
const nameOf = (address: Address, { contracts }: Known): string => {
  const known = contracts.find((contract) => contract.address === address);
  return known ? `${known.name} (${address})` : address;
};

function openSentence(data: WalletCall['data'], known: Known): string | null {
  try {
    const { functionName, args } = decodeFunctionData({ abi: openTokenAbi, data });
    if (functionName === 'transfer') return `Pay ${inOpen(args[1])} to ${nameOf(args[0], known)}.`;
    if (functionName !== 'approve') return null;
    const spender = nameOf(args[0], known);
    return args[1] === 0n
      ? `Let ${spender} take none of your OPEN any more.`
      : `Let ${spender} take up to ${inOpen(args[1])} of yours.`;
  } catch {
    return null;
  }
}

function callSentences({ to, valueWei, data }: WalletCall, known: Known): string[] {
  if (to === null) return [`Deploy a contract of ${size(data)} bytes.`];
  const target = nameOf(to, known);
  if (data === '0x') return [`Pay ${inEther(valueWei)} to ${target}.`];
  const paid = valueWei > 0n ? [`Pay ${inEther(valueWei)} to ${target} with it.`] : [];
  const ofOpen = to === known.open ? openSentence(data, known) : null;
  if (ofOpen !== null) return [ofOpen, ...paid];
  const contract = known.contracts.find(({ address }) => address === to);
  if (contract) {
    try {
      const { functionName, args = [] } = decodeFunctionData({ abi: contract.abi, data });
      return [`Call “${functionName}” of ${target} with ${cut(stringify(args))}.`, ...paid];
    } catch {
      // Shown below as bytes.
    }
  }
  return [`Call ${target} with ${size(data)} bytes that this app cannot read: ${cut(data)}`, ...paid];
}

const isRead = ({ to, data }: WalletCall, { contracts, open }: Known): boolean =>
  data === '0x' || to === open || contracts.some(({ address }) => address === to);

export function explainRequest(request: ApprovalRequest, known: Known): Explanation {
  switch (request.kind) {
    case 'transaction': {
      const { calls, maxFeeWei, from, delegatesTo } = request;
      const together = calls.length > 1 ? [`These ${calls.length} happen together or not at all.`] : [];
      const delegation = delegatesTo
        ? ['From now on your account runs the product’s batch contract. It obeys your key alone.']
        : [];
      return {
        title: calls.length > 1 ? `Send ${calls.length} calls as one` : 'Send a transaction',
        sentences: [...calls.flatMap((call) => callSentences(call, known)), ...together, ...delegation],
        rows: [
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
      return {
        title: 'Sign a message',
        sentences: ['This costs nothing and sends nothing. Whoever gets the signature can show that you wrote:'],
        rows: [
          { label: request.text === null ? 'Bytes' : 'Message', value: request.text ?? cut(request.raw) },
          { label: 'Signed by', value: request.from },
        ],
        warning: request.text === null ? 'It is no text that can be read. Agree only if you know what it is.' : null,
      };
    case 'typed-data': {
      const { domain, message, primaryType } = request.data;
      const { name, verifyingContract } = (domain ?? {}) as { name?: unknown; verifyingContract?: unknown };
      const contract = typeof verifyingContract === 'string' ? nameOf(getAddress(verifyingContract), known) : 'none';
      return {
        title: `Sign: ${cut(primaryType)}`,
        sentences: ['This sends nothing by itself, but whoever gets the signature can use it as it says.'],
        rows: [
          { label: 'For', value: typeof name === 'string' ? cut(name) : 'not named' },
          { label: 'Contract', value: contract },
          { label: 'Chain', value: known.chainName },
          ...Object.entries(message).map(([label, value]) => ({
            label,
            value: cut(typeof value === 'string' ? value : stringify(value).replaceAll('"', '')),
          })),
          { label: 'Signed by', value: request.from },
        ],
        warning: contract.includes(' (') ? null : 'This is for no contract of this app.',
      };
    }
    case 'session-key': {
      const { node, capWei, expiresAtMs } = request.terms;
      return {
        title: 'Make a session key',
        sentences: [
          `A key of its own may pay ${nameOf(node, known)} for answers without asking you each time, up to ${inOpen(capWei)} in all.`,
        ],
        rows: [
          { label: 'Ends', value: new Date(expiresAtMs).toUTCString() },
          { label: 'Chain', value: known.chainName },
        ],
        warning: null,
      };
    }
  }
}
