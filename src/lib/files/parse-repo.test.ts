// Names of models and adapters as people type and paste them.

import { expect, it } from 'vitest';
import { parseRepo } from './parse-repo.ts';

const V0 = 'QmbWqxBEKC3P8tqsKc98xmWNzrzDtRLMiMPL8wBuTGsMnR';
const V1 = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi';

it.each([
  ['owner/name', { id: 'owner/name', revision: 'main' }],
  ['https://huggingface.co/owner/name', { id: 'owner/name', revision: 'main' }],
  [V1, { id: `ipfs:${V1}`, revision: V1 }],
  [` ipfs://${V1}/ `, { id: `ipfs:${V1}`, revision: V1 }],
  [`/ipfs/${V1}/q8`, { id: `ipfs:${V1}/q8`, revision: V1 }],
  [`ipfs:${V1}/q8:Q8_0`, { id: `ipfs:${V1}/q8`, revision: V1, variant: 'Q8_0' }],
  ['https://models.example/a b/', { id: 'https://models.example/a%20b/', revision: '' }],
  ['https://models.example/m.gguf?key=1#top', { id: 'https://models.example/m.gguf?key=1', revision: '' }],
  ['http://127.0.0.1:8080/m', { id: 'http://127.0.0.1:8080/m', revision: '' }],
])('%s is read', (text, repo) => {
  expect(parseRepo(text)).toEqual(repo);
});

it('both forms of a content id are the same repository', () => {
  const repo = parseRepo(V0);
  expect(repo.id).toMatch(/^ipfs:bafybei[a-z2-7]{52}$/);
  expect(parseRepo(repo.id)).toEqual(repo);
});

it.each([
  ['http://models.example/m.gguf', 'files/address'],
  ['https://user:secret@models.example/', 'files/address'],
  ['ftp://models.example/', 'files/address'],
  [`https://models.example/${'a'.repeat(3000)}`, 'files/address'],
  ['ipfs:nothing', 'format/invalid'],
  [`ipfs:${V1}/../x`, 'files/hub-name'],
  [`ipfs:${V1}:a b`, 'files/hub-name'],
  [`ipfs:${V1}:a:b`, 'files/hub-name'],
  ['name', 'files/hub-name'],
])('%s is refused', (text, code) => {
  expect(() => parseRepo(text)).toThrow(expect.objectContaining({ code }));
});
