// Which multiaddresses lie on this machine or its own network: a stranger's request must not have us knock there.

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
  ['192.168.0.0', 16],
  ['224.0.0.0', 3],
] as const) {
  PRIVATE_4.addSubnet(net, bits, 'ipv4');
}
for (const [net, bits] of [
  ['::', 96],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  PRIVATE_6.addSubnet(net, bits, 'ipv6');
}

/** True for addresses inside, and for what is no multiaddress of an IP or a public DNS name. */
export function isPrivateAddress(address: string): boolean {
  const [, kind, host] = /^\/(ip4|ip6|dns|dns4|dns6)\/([^/]+)\//.exec(address) ?? [];
  if (kind === undefined || host === undefined) return true;
  if (kind === 'ip4') return isIP(host) !== 4 || PRIVATE_4.check(host, 'ipv4');
  if (kind === 'ip6') return isIP(host) !== 6 || PRIVATE_6.check(host, 'ipv6');
  return isIP(host) !== 0 || !host.includes('.') || /(^|\.)(localhost|local|internal|home\.arpa)\.?$/i.test(host);
}
