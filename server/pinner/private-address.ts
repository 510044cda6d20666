// Which addresses lie on this machine or its network: a client's request must not make the server connect there (SSRF).

import { BlockList, isIP } from 'node:net';

/** Separate lists: in a joint list every IPv4 address matches the ranges of IPv4-mapped IPv6 addresses. */
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
  // These embed an IPv4 address, which a network's gateway would connect to.
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

/** Also true for text that is no IP address. */
export function isPrivateIp(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return PRIVATE_4.check(address, 'ipv4');
  return family !== 6 || PRIVATE_6.check(address, 'ipv6');
}

/**
 * True for private multiaddresses, and for all that are neither an IP address nor a WebSocket at a DNS name. What a name
 * resolves to is checked on connecting (`peer-sockets.ts`), since it may change until then.
 */
export function isPrivateAddress(address: string): boolean {
  const [, kind, host] = /^\/(ip4|ip6|dns|dns4|dns6)\/([^/]+)\//.exec(address) ?? [];
  if (kind === undefined || host === undefined) return true;
  if (kind === 'ip4') return isIP(host) !== 4 || isPrivateIp(host);
  if (kind === 'ip6') return isIP(host) !== 6 || isPrivateIp(host);
  return !/^\/[^/]+\/[^/]+\/tcp\/\d+\/(wss?|tls(\/sni\/[^/]+)?\/ws)(\/|$)/.test(address);
}

/**
 * True for multiaddresses of a public IP address; false for names, for nodes whose connections cannot be checked here.
 */
export const isPublicIp = (address: string): boolean => /^\/ip[46]\//.test(address) && !isPrivateAddress(address);
