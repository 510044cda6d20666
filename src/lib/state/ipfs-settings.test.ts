// Pinners and peers: kept, checked when read, and preset by the app's operator until the user changes them.

import { expect, it } from 'vitest';
import { IpfsSettingsState } from './ipfs-settings.svelte.ts';

const memory = (text: string | null = null) => {
  let kept = text;
  return { getItem: () => kept, setItem: (_: string, value: string) => void (kept = value) };
};

it('preset pinners hold until the user chooses others, or none', () => {
  const storage = memory();
  const first = new IpfsSettingsState(storage, ['http://127.0.0.1:4180', 'http://far.example', 'nonsense']);
  expect(first.values.pinners).toEqual(['http://127.0.0.1:4180/']);
  first.removePinner('http://127.0.0.1:4180/');
  const second = new IpfsSettingsState(storage, ['http://127.0.0.1:4180']);
  expect(second.values.pinners).toEqual([]);
  expect(second.addPinner(' https://pins.example/api ')).toBe('https://pins.example/api/');
  second.addPinner('https://pins.example/api/');
  expect(new IpfsSettingsState(storage, []).values.pinners).toEqual(['https://pins.example/api/']);
});

it('an invalid address is refused with a sentence and changes nothing', () => {
  const state = new IpfsSettingsState(memory(), []);
  expect(() => state.addPinner('ftp://x')).toThrow('begins with neither https nor http');
  expect(state.values.pinners).toEqual([]);
});

it.each([
  'no json',
  '7',
  'null',
  '{"pinners":"x","peers":7,"webrtc":"yes"}',
  '{"pinners":[1,{},"javascript:x"],"gateways":["ftp://x",7]}',
])('what was kept by others does no harm: %s', (text) => {
  expect(new IpfsSettingsState(memory(text), []).values).toEqual({
    pinners: [],
    gateways: [],
    peers: [],
    webrtc: false,
  });
});

it('settings work when storage is full or blocked', () => {
  const full = {
    getItem: () => null,
    setItem: () => {
      throw new Error('full');
    },
  };
  const state = new IpfsSettingsState(full, []);
  state.setPeers(['/ip4/127.0.0.1/tcp/4181/ws']);
  state.setWebrtc(true);
  expect(state.values).toMatchObject({ pinners: [], peers: ['/ip4/127.0.0.1/tcp/4181/ws'], webrtc: true });
  expect(new IpfsSettingsState(null, []).values.peers).toEqual([]);
});

it('gateways are named in one line, each checked, and kept', () => {
  const storage = memory();
  const state = new IpfsSettingsState(storage, []);
  state.setGateways(' https://a.example  http://127.0.0.1:8080 https://a.example/ ');
  expect(new IpfsSettingsState(storage, []).values.gateways).toEqual(['https://a.example/', 'http://127.0.0.1:8080/']);
  expect(() => state.setGateways('https://b.example http://far.example')).toThrow('is unencrypted');
  expect(state.values.gateways).toHaveLength(2);
  state.setGateways('');
  expect(state.values.gateways).toEqual([]);
});
