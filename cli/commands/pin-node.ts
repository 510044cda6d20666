// `payable pin-node`: a pinning node that runs until it receives a signal.

import { getAddress, isAddress } from 'viem';
import type { PinnerOptions } from '../../server/pinner/start-pinner.ts';
import type { Command, OptionValues } from '../command.ts';
import { UsageError } from '../errors.ts';
import * as option from '../option-values.ts';

const GIB = 2 ** 30;

export const pinNode: Command = {
  summary: 'keep datasets for others: IPFS pinning service and gateway',
  help: `payable pin-node [OPTIONS]

Keeps what wallets ask it to keep, and serves it to anyone: IPFS Pinning Service API 1.0, uploads of CARs, a trustless
gateway, bitswap over WebSocket. See docs/guides/run-a-pinner.md.

  --data DIR          blocks, pins, requests, keys (default .pinner)
  --host ADDRESS      where to listen (default 127.0.0.1: this machine only)
  --port N            of HTTP (default 4180)
  --peer-port N       of WebSocket (default 4181)
  --public-url URL    address others reach the HTTP server by
  --announce ADDRESS  multiaddress others reach the WebSocket by; may be given several times
  --webrtc            WebRTC beside WebSocket, and a relay for browsers
  --wallet-gib N      room of one wallet (default 1)
  --total-gib N       room of all wallets (default 64)
  --kubo URL          keep blocks in a Kubo node, by its RPC; KUBO_AUTHORIZATION is its password
  --cluster URL       keep blocks in an IPFS Cluster, by its REST API; with --kubo for one of its nodes.
                      CLUSTER_AUTHORIZATION is its password
  --copies N          copies in the cluster (default 2)
  --token-for ADDRESS print a token of this wallet, for clients that cannot sign
  --json              print one JSON object once it runs`,
  options: {
    data: { type: 'string' },
    host: { type: 'string' },
    port: { type: 'string' },
    'peer-port': { type: 'string' },
    'public-url': { type: 'string' },
    announce: { type: 'string', multiple: true },
    webrtc: { type: 'boolean' },
    'wallet-gib': { type: 'string' },
    'total-gib': { type: 'string' },
    kubo: { type: 'string' },
    cluster: { type: 'string' },
    copies: { type: 'string' },
    'token-for': { type: 'string' },
    json: { type: 'boolean' },
  },
  async run(values, { signal, write }) {
    const wallet = option.text(values, 'token-for');
    if (wallet !== undefined && !isAddress(wallet)) {
      throw new UsageError(`Option --token-for is "${wallet.slice(0, 60)}".`, 'It takes the address of a wallet.');
    }
    const publicUrl = url(values, 'public-url');
    // Imported on use: the module is large and other commands do not need it.
    const { startPinner } = await import('../../server/pinner/start-pinner.ts');
    const pinner = await startPinner({
      folder: option.text(values, 'data') ?? '.pinner',
      host: option.text(values, 'host') ?? '127.0.0.1',
      port: option.whole(values, 'port', 0, 65535) ?? 4180,
      peerPort: option.whole(values, 'peer-port', 0, 65535) ?? 4181,
      publicUrl: publicUrl && new URL(publicUrl).href,
      announce: option.list(values, 'announce'),
      webrtc: option.flag(values, 'webrtc'),
      quotas: {
        walletBytes: (option.number(values, 'wallet-gib', 0, 1e6) ?? 1) * GIB,
        totalBytes: (option.number(values, 'total-gib', 0, 1e6) ?? 64) * GIB,
      },
      backend: backendOf(values),
      log: (line) => process.stderr.write(`${line}\n`),
    });
    try {
      const token = wallet === undefined ? undefined : pinner.tokens.issue(getAddress(wallet), Date.now()).token;
      const { url: address, addresses, peerId } = pinner;
      if (option.flag(values, 'json')) write(`${JSON.stringify({ url: address, peerId, addresses, token })}\n`);
      else {
        const peers = addresses.map((peer) => `Peers connect to ${peer}\n`).join('');
        write(
          `The pinner answers at ${address}\n${peers}${token === undefined ? '' : `Token: ${token}\n`}Ctrl-C stops it.\n`,
        );
      }
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener('abort', () => resolve());
      });
    } finally {
      await pinner.close();
    }
  },
};

function url(values: OptionValues, name: string): string | undefined {
  const value = option.text(values, name);
  if (value === undefined) return undefined;
  if (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) return value;
  throw new UsageError(
    `Option --${name} is "${value.slice(0, 80)}".`,
    'It takes an address like http://127.0.0.1:5001.',
  );
}

function backendOf(values: OptionValues): NonNullable<PinnerOptions['backend']> {
  const kubo = url(values, 'kubo');
  const cluster = url(values, 'cluster');
  const { KUBO_AUTHORIZATION, CLUSTER_AUTHORIZATION } = process.env;
  if (cluster !== undefined) {
    if (kubo === undefined)
      throw new UsageError('Option --cluster needs --kubo, too.', 'Name one node of the cluster.');
    return {
      kind: 'cluster',
      api: cluster,
      authorization: CLUSTER_AUTHORIZATION,
      copies: option.whole(values, 'copies', 1, 100) ?? 2,
      kubo: { api: kubo, authorization: KUBO_AUTHORIZATION },
    };
  }
  return kubo === undefined ? { kind: 'helia' } : { kind: 'kubo', api: kubo, authorization: KUBO_AUTHORIZATION };
}
