// A port between two threads of one origin over a BroadcastChannel, with addressed messages.

import type { Port } from '#lib/core/rpc.ts';

export interface Addressed {
  from: string;
  to: string;
  data: unknown;
}

/** The port from `self` to `peer`; it receives only what `peer` sends to `self`. */
export function createChannelPort(channel: BroadcastChannel, self: string, peer: string): Port {
  const wrapped = new Map<(event: { data: unknown }) => void, (event: MessageEvent<Addressed>) => void>();
  return {
    postMessage(data) {
      channel.postMessage({ from: self, to: peer, data } satisfies Addressed);
    },
    addEventListener(_type, listener) {
      const wrapper = ({ data: { from, to, data } }: MessageEvent<Addressed>) => {
        if (from === peer && to === self) listener({ data });
      };
      wrapped.set(listener, wrapper);
      channel.addEventListener('message', wrapper);
    },
    removeEventListener(_type, listener) {
      const wrapper = wrapped.get(listener);
      if (wrapper) channel.removeEventListener('message', wrapper);
      wrapped.delete(listener);
    },
  };
}
