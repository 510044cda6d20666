// The device's wallet as an EIP-1193 provider: requests that need a signature are approved by the user, signed here and sent; all
// others go to the chain. It trusts no caller: parameters are parsed strictly, and a domain of another chain is refused.

import { createClient, numberToHex, type Address, type Chain, type Hex, type Transport } from 'viem';
import { PayableError } from '#lib/core/errors.ts';
import { ProviderError } from '../embedded/provider.ts';
import type { Approve } from './approval.ts';
import { callsStatus } from './calls-status.ts';
import { DeclinedError, NoWalletError, SigningRefusedError, WalletLockedError } from './errors.ts';
import type { Keystore } from './keystore.ts';
import { canBatch, sendTransaction } from './send-transaction.ts';
import type { InTurn } from './wallet-host.ts';
import {
  addressOf,
  badParams,
  listOf,
  quantityOf,
  readCalls,
  readMessage,
  readTransaction,
  readTypedData,
  type SendRequest,
} from './wallet-params.ts';

/** Error codes of EIP-1193 and EIP-3326. */
const CODES = { declined: 4001, unauthorized: 4100, unsupported: 4200, unknownChain: 4902, refused: -32000 } as const;

export interface DeviceProvider {
  request(call: { method: string; params?: unknown }): Promise<unknown>;
  /** The current chain. */
  chainId(): number;
}

interface Parts {
  keystore: Keystore;
  approve: Approve;
  /** Address of DeviceAccount on a chain. */
  deviceAccount(chainId: number): Address;
  inTurn: InTurn;
  chains: readonly [Chain, ...Chain[]];
  transports: Readonly<Record<number, Transport>>;
  onChain(chainId: number): void;
}

function providerError(error: unknown): unknown {
  if (!(error instanceof PayableError)) return error;
  const code =
    error instanceof DeclinedError
      ? CODES.declined
      : error instanceof WalletLockedError || error instanceof NoWalletError
        ? CODES.unauthorized
        : CODES.refused;
  return Object.assign(new ProviderError(code, error.toLine()), { cause: error });
}

export function createDeviceProvider(parts: Parts): DeviceProvider {
  const { keystore, approve, deviceAccount, inTurn, chains, transports } = parts;
  let [chain] = chains;
  // One signing request at a time, so that the user sees one question at a time.
  let lane: Promise<unknown> = Promise.resolve();
  const inLane = <T>(work: () => Promise<T>): Promise<T> => {
    const done = lane.then(work);
    lane = done.catch(() => undefined);
    return done;
  };
  const placeOn = (one: Chain) => ({
    chain: one,
    transport: transports[one.id]!,
    deviceAccount: deviceAccount(one.id),
  });
  const place = () => placeOn(chain);

  const owner = async (): Promise<Address> => {
    const info = await keystore.read();
    if (!info) throw new NoWalletError();
    return info.address;
  };
  const ownAddress = async (value: unknown): Promise<Address> => {
    const [asked, own] = [addressOf(value, 'address'), await owner()];
    if (asked !== own) throw new ProviderError(CODES.unauthorized, `the wallet does not hold ${asked}`);
    return own;
  };
  const send = async (request: SendRequest): Promise<Hex> => {
    await ownAddress(request.from);
    if (request.chainId !== undefined && request.chainId !== chain.id) {
      throw badParams(`the wallet stands on chain ${chain.id}, not ${request.chainId}`);
    }
    return sendTransaction(request, { ...place(), approve, inTurn, account: () => keystore.unlocked().account });
  };

  const signing: Record<string, (params: unknown[]) => Promise<unknown>> = {
    async personal_sign([message, address]) {
      const from = await ownAddress(address);
      const { raw, text } = readMessage(message);
      await approve({ kind: 'message', from, text, raw });
      return keystore.unlocked().account.signMessage({ message: { raw } });
    },
    async eth_signTypedData_v4([address, value]) {
      const from = await ownAddress(address);
      const data = readTypedData(value);
      const named = (data.domain as { chainId?: unknown } | undefined)?.chainId;
      if (named === undefined || named === null) {
        throw new SigningRefusedError('The data names no chain, so its signature would count on every chain.');
      }
      let id: bigint;
      try {
        id = BigInt(named as string);
      } catch {
        throw badParams('typed data.domain.chainId must be a number');
      }
      if (id !== BigInt(chain.id)) {
        throw new SigningRefusedError(
          `The data is for chain ${id}, the wallet stands on ${chain.name} (${chain.id}).`,
          'Switch the chain first if this is what you want.',
        );
      }
      await approve({ kind: 'typed-data', from, chainId: chain.id, data });
      return keystore.unlocked().account.signTypedData(data);
    },
    eth_sendTransaction: ([transaction]) => send(readTransaction(transaction)),
    async wallet_sendCalls([request]) {
      return { id: await send(readCalls(request, await owner())) };
    },
  };

  const quiet: Record<string, (params: unknown[]) => unknown> = {
    eth_accounts: async () => [await owner()],
    eth_requestAccounts: async () => [await owner()],
    eth_chainId: () => numberToHex(chain.id),
    net_version: () => String(chain.id),
    wallet_getCallsStatus: ([id]) => callsStatus(id, place()),
    async wallet_getCapabilities([address, ids]) {
      await ownAddress(address);
      const wanted = Array.isArray(ids) ? new Set(ids.map((id) => Number(quantityOf(id, 'chain id')))) : null;
      const known = chains.filter(({ id }) => wanted?.has(id) ?? id === chain.id);
      const entries = known.map(async (one) => {
        const supported = await canBatch(placeOn(one));
        return [numberToHex(one.id), { atomic: { status: supported ? 'supported' : 'unsupported' } }] as const;
      });
      return Object.fromEntries(await Promise.all(entries));
    },
    wallet_switchEthereumChain([request]) {
      const id = Number(quantityOf((request as { chainId?: unknown } | undefined)?.chainId, 'chainId'));
      const found = chains.find((one) => one.id === id);
      if (!found) throw new ProviderError(CODES.unknownChain, `chain ${id} is not set up here`);
      chain = found;
      parts.onChain(id);
      return null;
    },
  };

  return {
    chainId: () => chain.id,
    async request({ method, params }) {
      const list = listOf(params);
      try {
        if (Object.hasOwn(signing, method)) return await inLane(() => signing[method]!(list));
        if (Object.hasOwn(quiet, method)) return await quiet[method]!(list);
      } catch (error) {
        throw providerError(error);
      }
      // Other signing methods would bypass the user's approval.
      if (/^(wallet_|personal_|eth_sign)/.test(method)) {
        throw new ProviderError(CODES.unsupported, `the wallet of this device does not do ${method.slice(0, 60)}`);
      }
      const { transport } = place();
      return createClient({ chain, transport }).request({ method, params } as never);
    },
  };
}
