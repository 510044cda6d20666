// An unreachable node is probed at growing intervals, by one request for all callers; when it answers again, all requests proceed.

import { createPublicClient, custom, HttpRequestError, RpcRequestError, type Transport } from 'viem';
import { expect, it } from 'vitest';
import { patientTransport } from './patient-transport.ts';

function stage() {
  const seen = { asked: 0, now: 0, isUp: false, silences: [] as (number | null)[] };
  const node: Transport = custom(
    {
      async request() {
        seen.asked++;
        await Promise.resolve();
        if (!seen.isUp) throw new HttpRequestError({ url: 'http://127.0.0.1:8545', details: 'connection refused' });
        return '0x1';
      },
    },
    { retryCount: 0 },
  );
  const patience = { nowMs: () => seen.now, onSilence: (untilMs: number | null) => void seen.silences.push(untilMs) };
  const { transport, askNow } = patientTransport(node, patience);
  const make = () => createPublicClient({ transport, pollingInterval: 1 });
  const clients = [make(), make()];
  const askMany = async (count = 25) =>
    (await Promise.allSettled(Array.from({ length: count }, (_, at) => clients[at % 2]!.getChainId()))).filter(
      ({ status }) => status === 'fulfilled',
    ).length;
  return { seen, askMany, askNow };
}

it('25 concurrent calls make one request, and pauses double up to a minute', async () => {
  const { seen, askMany } = stage();
  expect(await askMany()).toBe(0);
  expect(seen.asked).toBe(1);
  const pauses: number[] = [];
  for (let round = 0; round < 9; round++) {
    pauses.push(seen.silences.at(-1)! - seen.now);
    seen.now = seen.silences.at(-1)! - 1;
    const before = seen.asked;
    expect(await askMany()).toBe(0);
    expect(seen.asked).toBe(before);
    seen.now++;
    await askMany();
    expect(seen.asked).toBe(before + 1);
  }
  expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
});

it('when it answers again, all requests are answered at once', async () => {
  const { seen, askMany, askNow } = stage();
  await askMany();
  seen.isUp = true;
  expect(await askMany()).toBe(0);
  askNow();
  expect(await askMany()).toBe(25);
  expect(seen.silences).toEqual([1_000, null]);
  seen.isUp = false;
  await askMany();
  expect(seen.silences).toEqual([1_000, null, 1_000]);
});

it('an error response counts as an answer', async () => {
  let asked = 0;
  const refusing: Transport = custom(
    {
      request() {
        asked++;
        const error = { code: -32601, message: 'no such method' };
        return Promise.reject(new RpcRequestError({ body: {}, error, url: 'http://127.0.0.1' }));
      },
    },
    { retryCount: 0 },
  );
  const silences: unknown[] = [];
  const { transport } = patientTransport(refusing, { nowMs: () => 0, onSilence: (until) => void silences.push(until) });
  const client = createPublicClient({ transport });
  for (let round = 0; round < 3; round++) await expect(client.getChainId()).rejects.toThrow('no such method');
  expect([asked, silences]).toEqual([3, []]);
});
