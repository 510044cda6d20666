// Which addresses lie on this machine or its own network: a stranger's request must not have us knock there.

import { BlockList, isIP } from 'node:net';

/** Apart: a list of both takes every IPv4 address for one of those written as IPv6. */
const PRIVATE_4 = new BlockList();
const PRIVATE_6 = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  PRIVATE_4.addSubnet(net, bits, 'ipv4');
}
for (const [net, bits] of [
  ['::', 96],
  ['::ffff:0:0', 96],
  // These carry an IPv4 address, which a gateway of the network would connect to.
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2001::', 32],
  ['2002::', 16],
  ['100::', 64],
  ['2001:db8::', 32],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const) {
  PRIVATE_6.addSubnet(net, bits, 'ipv6');
}

/** True for what is no IP address, too. */
export function isPrivateIp(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return PRIVATE_4.check(address, 'ipv4');
  return family !== 6 || PRIVATE_6.check(address, 'ipv6');
}

/**
 * True for multiaddresses inside, and for what is none of an IP address or a WebSocket at a DNS name. Where a name leads is judged when
 * it is connected to (`peer-sockets.ts`): what it resolves to now may differ then.
 */
export function isPrivateAddress(address: string): boolean {
  const [, kind, host] = /^\/(ip4|ip6|dns|dns4|dns6)\/([^/]+)\//.exec(address) ?? [];
  if (kind === undefined || host === undefined) return true;
  if (kind === 'ip4') return isIP(host) !== 4 || isPrivateIp(host);
  if (kind === 'ip6') return isIP(host) !== 6 || isPrivateIp(host);
  return !/^\/[^/]+\/[^/]+\/tcp\/\d+\/(wss?|tls(\/sni\/[^/]+)?\/ws)(\/|$)/.test(address);
}

/** True for multiaddresses of a public IP address; names are left to nodes that we cannot judge the connections of. */
export const isPublicIp = (address: string): boolean => /^\/ip[46]\//.test(address) && !isPrivateAddress(address);
