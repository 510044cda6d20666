// Several tabs, one network: which tab leads, and what happens to pending requests when it closes.

import { expect, it, vi } from 'vitest';
import { PayableError } from '#lib/core/errors.ts';
import { joinNetwork, type FetchHere, type Leading } from './network-tab.ts';

let count = 0;
const freshName = () => `network-test-${performance.timeOrigin}-${count++}`;

async function block(cid: string): Promise<Uint8Array> {
  if (cid === 'none') throw new PayableError('ipfs/block-missing', 'No peer has it.');
  return new TextEncoder().encode(cid);
}

function tab(name: string, fetch: Leading['fetch']) {
  const opened = vi.fn<() => void>();
  const disposed = vi.fn<() => void>();
  const network = joinNetwork(name, async () => {
    opened();
    return { fetch, block, dispose: async () => disposed() };
  });
  return { network, opened, disposed };
}

it('lets one tab open the network, and the others fetch through it', async () => {
  const name = freshName();
  const seen: string[] = [];
  const fetch = async (root: string, { onProgress }: FetchHere) => {
    seen.push(root);
    onProgress({ blocks: 1, bytes: 10 });
    if (root === 'bad') throw new PayableError('ipfs/block-missing', 'No peer has it.', { hint: 'Wait.' });
  };
  const tabs = [tab(name, fetch), tab(name, fetch), tab(name, fetch)];
  const progress: number[] = [];
  await Promise.all(
    tabs.map(({ network }, at) => network.fetch(`root-${at}`, { onProgress: ({ bytes }) => progress.push(bytes) })),
  );
  expect(tabs.filter(({ network }) => network.leads())).toHaveLength(1);
  expect(tabs.flatMap(({ opened }) => opened.mock.calls)).toHaveLength(1);
  expect(seen.sort()).toEqual(['root-0', 'root-1', 'root-2']);
  expect(progress).toEqual([10, 10, 10]);
  for (const { network } of tabs) {
    await expect(network.fetch('bad')).rejects.toMatchObject({
      code: 'ipfs/block-missing',
      message: 'No peer has it.',
      hint: 'Wait.',
    });
  }
  for (const { network } of tabs) await network.dispose();
  for (const { opened, disposed } of tabs) expect(disposed).toHaveBeenCalledTimes(opened.mock.calls.length);
});

it('hands pending requests on when the leader closes', async () => {
  const name = freshName();
  const never: Leading['fetch'] = (_root, { signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  const first = tab(name, never);
  await vi.waitFor(() => expect(first.network.leads()).toBe(true));
  const done = vi.fn(async () => undefined);
  const second = tab(name, done);
  const wish = second.network.fetch('root');
  await first.network.dispose();
  await wish;
  expect(done).toHaveBeenCalledTimes(1);
  await second.network.dispose();
});

it('stops a fetch that no tab needs any more, in the leading tab', async () => {
  const name = freshName();
  const stopped = vi.fn();
  const never: Leading['fetch'] = (_root, { signal }) =>
    new Promise((_resolve, reject) =>
      signal.addEventListener('abort', () => {
        stopped();
        reject(signal.reason as Error);
      }),
    );
  const first = tab(name, never);
  await vi.waitFor(() => expect(first.network.leads()).toBe(true));
  const second = tab(name, never);
  const stop = new AbortController();
  const wish = second.network.fetch('root', { signal: stop.signal, onProgress: () => undefined });
  const own = first.network.fetch('own', { signal: stop.signal });
  setTimeout(() => stop.abort(), 50);
  await expect(wish).rejects.toMatchObject({ code: 'core/aborted' });
  await expect(own).rejects.toMatchObject({ code: 'core/aborted' });
  await vi.waitFor(() => expect(stopped).toHaveBeenCalledTimes(2));
  await first.network.dispose();
  await second.network.dispose();
});

it('gives single blocks to one that only follows, which never opens the network', async () => {
  const name = freshName();
  const follower = joinNetwork(name, null);
  const early = follower.block('early');
  const leader = tab(name, async () => undefined);
  expect(new TextDecoder().decode(await early)).toBe('early');
  expect(new TextDecoder().decode(await leader.network.block('own'))).toBe('own');
  await expect(follower.block('none')).rejects.toMatchObject({ code: 'ipfs/block-missing' });
  await expect(follower.block('late', AbortSignal.abort())).rejects.toMatchObject({ code: 'core/aborted' });
  await leader.network.dispose();
  expect(follower.leads()).toBe(false);
  await follower.dispose();
});
