// A node at the other end of a port, which belongs to a worker or another tab.

import { connect, type Port } from '#lib/core/rpc.ts';
import { ChainGoneError } from '../errors.ts';
import type { EmbeddedNode } from './node.ts';
import type { Link } from './resilient-node.ts';

/** A link over `port` that lasts until `gone` resolves. */
export function linkOver(port: Port, gone: Promise<void>): Link {
  const { remote, close } = connect<EmbeddedNode>(port, {
    request: 'call',
    heads: 'stream',
    exportChain: 'call',
    importChain: 'stream',
    reset: 'call',
  });
  void gone.then(() => close(new ChainGoneError()));
  return { node: remote, gone };
}
