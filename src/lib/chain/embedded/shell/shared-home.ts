// One chain for all workers of this origin: the worker that holds the lock runs it, the others forward their calls, and when the
// holder ends, the next in line reopens the stored chain. A SharedWorker usually means one worker; without it there is one per
// tab. Two versions of the app open at once work the same way.

import { serve } from '#lib/core/rpc.ts';
import type { EmbeddedNode } from '../node.ts';
import { linkOver } from '../remote-node.ts';
import { createResilientNode, type Link } from '../resilient-node.ts';
import { createChannelPort, type Addressed } from './channel-port.ts';
import { holdForLife, whenReleased } from '../../shell/lifeline.ts';

const EVERYONE = '*';
type Greeting = { who: 'leads' } | { leader: string };

/** The lock that a chain worker holds for its lifetime. */
export const lifeLock = (id: string): string => `payable-chain-worker:${id}`;

/**
 * `id` names this thread, which already holds `lifeLock(id)`. `open` opens the chain and is called once, when this thread becomes
 * the one to run it.
 */
export function createSharedHome(name: string, id: string, open: () => EmbeddedNode): EmbeddedNode {
  const channel = new BroadcastChannel(name);
  const say = (greeting: Greeting) =>
    channel.postMessage({ from: id, to: EVERYONE, data: greeting } satisfies Addressed);
  let own: EmbeddedNode | undefined;
  const guests = new Set<string>();

  const hear = new Set<(leader: string) => void>();
  channel.addEventListener('message', ({ data: { from, to, data } }: MessageEvent<Addressed>) => {
    if (to === EVERYONE) {
      const greeting = data as Greeting;
      if ('leader' in greeting) for (const tell of hear) tell(greeting.leader);
      else if (own) say({ leader: id });
    } else if (to === id && own && !guests.has(from)) {
      guests.add(from);
      const port = createChannelPort(channel, id, from);
      const stop = serve(port, own);
      void whenReleased(lifeLock(from)).then(() => {
        guests.delete(from);
        stop();
      });
      // The first message of this guest arrived before its listener existed, so dispatch it again.
      channel.dispatchEvent(new MessageEvent('message', { data: { from, to, data } }));
    }
  });

  const crowned = holdForLife(name).then(() => {
    own = open();
    say({ leader: id });
    return own;
  });
  crowned.catch(() => undefined);

  const never = new Promise<void>(() => {});
  const findLeader = (): Promise<Link> =>
    new Promise((resolve, reject) => {
      const settle = (link: Link) => {
        hear.delete(found);
        resolve(link);
      };
      const found = (leader: string) => {
        if (leader === id) return;
        settle(linkOver(createChannelPort(channel, id, leader), whenReleased(lifeLock(leader))));
      };
      hear.add(found);
      crowned.then((node) => settle({ node, gone: never }), reject);
      say({ who: 'leads' });
    });
  return createResilientNode(findLeader);
}
