// A request to sign in words: what happens, to whom, for how much, and what to look out for. It decodes what it knows and
// shows the rest as it is; it never guesses.

import { getAddress, stringify } from 'viem';
import { inEther, inOpen } from '../amount-words.ts';
import type { ApprovalRequest, WalletCall } from './approval.ts';
import { cut, explainCall, nameOf, valueWords, type Known } from './explain-call.ts';

export interface Explanation {
  title: string;
  /** What happens, one sentence each. */
  sentences: string[];
  /** Details: names and values. */
  rows: { label: string; value: string }[];
  warning: string | null;
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
        sentences: [...calls.flatMap((call) => explainCall(call, known)), ...together, ...delegation],
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
      const isOurs = contract.includes(' (');
      return {
        title: `Sign: ${cut(primaryType)}`,
        sentences: ['This sends nothing by itself, but whoever gets the signature can use it as it says.'],
        rows: [
          { label: 'For', value: typeof name === 'string' ? cut(name) : 'not named' },
          { label: 'Contract', value: contract },
          { label: 'Chain', value: known.chainName },
          ...Object.entries(message).map(([label, value]) => ({
            label,
            // What others count, only they know.
            value: isOurs ? valueWords(label, value, known) : cut(stringify(value).replaceAll('"', '')),
          })),
          { label: 'Signed by', value: request.from },
        ],
        warning: isOurs ? null : 'This is for no contract of this app.',
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
