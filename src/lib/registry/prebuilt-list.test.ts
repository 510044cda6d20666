// The list of compiled models: the shipped one is right, wrong ones are refused by name.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parsePrebuiltList } from './prebuilt-list.ts';

const shipped = JSON.parse(readFileSync('static/web-llm.json', 'utf8')) as {
  libraries: { root: string; files: Record<string, unknown> };
  models: Record<string, unknown>[];
};
const parse = (list: unknown) => parsePrebuiltList(JSON.stringify(list));

it('the shipped list pins the library of every model to a commit and a hash', () => {
  const models = parse(shipped);
  expect(models.length).toBe(shipped.models.length);
  for (const { library, weights } of models) {
    expect(library.hash).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(library.url).toMatch(/\/binary-mlc-llm-libs\/[0-9a-f]{40}\//);
    expect(weights).toMatchObject({ kind: 'hub', repo: expect.stringMatching(/^mlc-ai\//) as string });
  }
});

const [first] = shipped.models;
it.each<[string, (list: typeof shipped) => unknown, RegExp]>([
  ['an open address', (list) => ({ ...list, libraries: { ...list.libraries, root: 'http://a.example/' } }), /https/],
  ['a library without a hash', (list) => ({ ...list, models: [{ ...first, library: 'other.wasm' }] }), /not listed/],
  ['a path for a library', (list) => ({ ...list, models: [{ ...first, library: '../x.wasm' }] }), /not listed/],
  ['a model twice', (list) => ({ ...list, models: [first, first] }), /taken/],
  ['no memory', (list) => ({ ...list, models: [{ ...first, gpuMegabytes: 'much' }] }), /GPU memory/],
  ['no list', (list) => ({ ...list, models: {} }), /no list/],
])('%s is refused', (_, change, message) => {
  expect(() => parse(change(shipped))).toThrow(message);
});
