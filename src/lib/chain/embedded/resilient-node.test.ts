// An app whose chain process dies: nothing is doubled, nothing is silently lost.

import { keccak256, numberToHex, type Hex } from 'viem';
import { describe, expect, it } from 'vitest';
import { serve } from '#lib/core/rpc.ts';
import { alice, bob, GENESIS_SECONDS, testGenesis } from '#tests/support/embedded-chain.ts';
import type { HeaderRecord } from './block-record.ts';
import { createNode, type EmbeddedNode } from './node.ts';
import { createMemoryStore } from './persist.ts';
import { linkOver } from './remote-node.ts';
import { createResilientNode } from './resilient-node.ts';

/** A chain process that can be killed at a chosen moment; its store survives. */
function createMortalHome() {
  const store = createMemoryStore();
  let kill = () => {};
  let dieAt: { method?: string; when?: 'before' | 'after' } = {};
  let lives = 0;
  const node = createResilientNode(async () => {
    lives++;
    const { port1, port2 } = new MessageChannel();
    const inner = createNode({ genesis: testGenesis, store, now: () => GENESIS_SECONDS * 1000 });
    const gone = new Promise<void>((resolve) => {
      kill = () => {
        port1.close();
        resolve();
      };
    });
    const mortal: EmbeddedNode = {
      ...inner,
      async request(method, params) {
        const die = dieAt.method === method ? dieAt.when : undefined;
        if (die) dieAt = {};
        if (die === 'before') kill();
        const answer = await inner.request(method, params);
        if (die === 'after') kill();
        return answer;
      },
    };
    port1.start();
    port2.start();
    serve(port1, mortal);
    return linkOver(port2, gone);
  });
  return {
    node,
    store,
    lives: () => lives,
    kill: () => kill(),
    dieAt: (method: string, when: 'before' | 'after') => (dieAt = { method, when }),
  };
}

const sign = (nonce: number): Promise<Hex> =>
  alice.signTransaction({
    ...{ chainId: testGenesis.chainId, type: 'eip1559', nonce, gas: 21_000n, to: bob.address, value: 1n },
    maxFeePerGas: 2_000_000_000n,
  });

describe('a chain whose process dies', () => {
  it('answers reads as if nothing had happened', async () => {
    const home = createMortalHome();
    home.dieAt('eth_blockNumber', 'before');
    expect(await home.node.request('eth_blockNumber', [])).toEqual({ result: '0x0' });
    expect(home.lives()).toBe(2);
  });

  it.each(['before', 'after'] as const)('makes a signed transaction once when it dies %s making it', async (when) => {
    const home = createMortalHome();
    const raw = await sign(0);
    home.dieAt('eth_sendRawTransaction', when);
    expect(await home.node.request('eth_sendRawTransaction', [raw])).toEqual({ result: keccak256(raw) });
    expect(await home.node.request('eth_blockNumber', [])).toEqual({ result: '0x1' });
    expect(await home.node.request('eth_getTransactionCount', [alice.address])).toEqual({ result: '0x1' });
    // Sent again by the caller it is refused as ever.
    expect(await home.node.request('eth_sendRawTransaction', [raw])).toHaveProperty('error');
  });

  it('reports when it cannot know whether a change was made, and does not repeat it', async () => {
    const home = createMortalHome();
    home.dieAt('payable_faucet', 'after');
    const who = numberToHex(77, { size: 20 });
    expect(await home.node.request('payable_faucet', [who])).toMatchObject({
      error: { code: 4900, message: expect.stringContaining('See whether this was made') },
    });
    expect(await home.node.request('eth_blockNumber', [])).toEqual({ result: '0x1' });
  });

  it('gives up on a read that kills it every time', async () => {
    const home = createMortalHome();
    const always = createResilientNode(async () => {
      const gone = Promise.resolve();
      const { port2 } = new MessageChannel();
      return linkOver(port2, gone);
    });
    expect(await always.request('eth_blockNumber', [])).toMatchObject({ error: { code: 4900 } });
    expect(home.lives()).toBe(0);
  });

  it('continues to send heads, each once', async () => {
    const home = createMortalHome();
    const stop = new AbortController();
    const seen: HeaderRecord['number'][] = [];
    for await (const { number } of home.node.heads(stop.signal)) {
      seen.push(number);
      if (number === '0x0') {
        await home.node.request('eth_sendRawTransaction', [await sign(0)]);
      } else if (number === '0x1') {
        home.kill();
        await home.node.request('eth_sendRawTransaction', [await sign(1)]);
      } else break;
    }
    stop.abort();
    expect(seen).toEqual(['0x0', '0x1', '0x2']);
  });

  it('repeats an export, and reports an interrupted reset', async () => {
    const home = createMortalHome();
    await home.node.request('eth_blockNumber', []);
    home.kill();
    // An export changes nothing, so it is simply asked for again.
    await expect(home.node.exportChain()).resolves.toBeInstanceOf(Uint8Array);
    const dying = home.node.reset('reset');
    home.kill();
    await expect(dying).rejects.toMatchObject({ code: 'chain/gone' });
  });
});
