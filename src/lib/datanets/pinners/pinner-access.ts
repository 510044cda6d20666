// Access to the pinners that the user named. A session token is kept for a week; without a valid one, signing in asks the wallet.
// Tokens are secrets of this browser and are never shown.

import type { ChainContext } from '#lib/chain/context.ts';
import { signInMessage } from '#lib/chain/wallet/sign-in.ts';
import { createPinnerClient, PinnerRefusedError, type PinnerClient } from '#lib/ipfs/pinner-client.ts';
import { withoutCache } from '#lib/ipfs/without-cache.ts';

export interface PinnerAccess {
  address: string;
  /** A client without a token, for what a pinner answers to anyone. */
  anonymous(): PinnerClient;
  /** A client with a token; the wallet may be asked. */
  signIn(signal?: AbortSignal): Promise<PinnerClient>;
}

export interface TokenStore {
  get(key: string): string | null;
  set(key: string, token: string): void;
}

export interface PinnerAccessNeeds {
  chain: ChainContext;
  fetch: typeof globalThis.fetch;
  tokens: TokenStore;
  /** Host of the page that asks. */
  domain: string;
  nowMs(): number;
}

export function createPinnerAccess(addresses: readonly string[], needs: PinnerAccessNeeds): PinnerAccess[] {
  const { chain, tokens, domain, nowMs } = needs;
  const fetch = withoutCache(needs.fetch);
  return addresses.map((address) => ({
    address,
    anonymous: () => createPinnerClient(address, fetch),
    async signIn(signal): Promise<PinnerClient> {
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
          const message = signInMessage({ ...page, address: wallet, uri, nonce, nowMs: nowMs() });
          return { message, signature: await signer.signMessage({ message }) };
        },
        { signal },
      );
      tokens.set(key, token);
      return client;
    },
  }));
}
