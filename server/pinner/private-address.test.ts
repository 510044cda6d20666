import { expect, it } from 'vitest';
import { isPrivateAddress } from './private-address.ts';

it.each([
  '/ip4/127.0.0.1/tcp/1/ws',
  '/ip4/10.1.2.3/tcp/1',
  '/ip4/169.254.169.254/tcp/80',
  '/ip4/192.168.1.1/tcp/1',
  '/ip4/172.31.0.1/tcp/1',
  '/ip4/100.64.0.1/tcp/1',
  '/ip6/::1/tcp/1/ws',
  '/ip6/fe80::1/tcp/1',
  '/ip6/fd00::1/tcp/1',
  '/ip6/::ffff:127.0.0.1/tcp/1',
  '/ip6/2002:7f00:1::1/tcp/1/ws',
  '/ip6/64:ff9b::7f00:1/tcp/1/ws',
  '/ip4/198.18.0.1/tcp/1/ws',
  '/ip4/127.1/tcp/1/ws',
  '/dns4/pin.example/tcp/443',
  '/dns4/pin.example/udp/443/quic-v1',
  '/ip6zone/eth0/ip6/fe80::1/tcp/1/ws',
  '/unix/tmp/socket',
  'nonsense',
])('%s is private', (address) => expect(isPrivateAddress(address)).toBe(true));

it.each([
  '/ip4/1.2.3.4/tcp/1/ws',
  '/ip6/2606:4700::1111/tcp/443',
  '/dns4/pin.example/tcp/443/wss',
  '/dns4/pin.example/tcp/443/tls/ws/p2p/12D3KooW',
])('%s is public, or checked on connecting', (address) => expect(isPrivateAddress(address)).toBe(false));
