// Ways into the pinners that the reader named: a token is kept for a week, and the wallet is asked when there is none or it counts
// no more. Tokens are secrets of this browser; they are never shown.

import type { ChainContext } from '#lib/chain/context.ts';
import { signInMessage } from '#lib/chain/wallet/sign-in.ts';
import { createPinnerClient, PinnerRefusedError, type PinnerClient } from '#lib/ipfs/pinner-client.ts';
import { askAnew } from '#lib/ipfs/ask-anew.ts';
import type { PinnerDoor } from '../datanet-context.ts';

export interface TokenStore {
  get(key: string): string | null;
  set(key: string, token: string): void;
}

export interface DoorNeeds {
  chain: ChainContext;
  fetch: typeof globalThis.fetch;
  tokens: TokenStore;
  /** Host of the page that asks. */
  domain: string;
  nowMs(): number;
}

export function pinnerDoors(addresses: readonly string[], needs: DoorNeeds): PinnerDoor[] {
  const { chain, tokens, domain, nowMs } = needs;
  const fetch = askAnew(needs.fetch);
  return addresses.map((address) => ({
    address,
    look: () => createPinnerClient(address, fetch),
    async enter(signal): Promise<PinnerClient> {
      const signer = await chain.signer();
      const { address: wallet } = signer.account;
      const key = `${address} ${wallet.toLowerCase()}`;
      const kept = tokens.get(key);
      if (kept !== null) {
        const client = createPinnerClient(address, fetch, kept);
        try {
          await client.usage({ signal });
          return client;
        } catch (error) {
          if (!(error instanceof PinnerRefusedError && error.status === 401)) throw error;
        }
      }
      const client = createPinnerClient(address, fetch);
      const page = { domain, chainId: chain.chain.id };
      const token = await client.signIn(
        page,
        async ({ nonce, uri }) => {
          const message = signInMessage({
            ...page,
            address: wallet,
            uri,
            nonce,
            nowMs: nowMs(),
          });
          return { message, signature: await signer.signMessage({ message }) };
        },
        { signal },
      );
      tokens.set(key, token);
      return client;
    },
  }));
}
