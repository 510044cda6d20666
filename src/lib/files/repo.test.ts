// What a repository is called on a page.

import { expect, it } from 'vitest';
import { repoTitle } from './repo.ts';

const CID = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi';

it.each([
  ['owner/name:Q8_0', 'owner/name:Q8_0'],
  ['https://models.example/a/Tiny-Q8_0.gguf?key=1', 'Tiny-Q8_0.gguf'],
  ['https://models.example/a/folder/', 'folder'],
  ['https://models.example/', 'models.example'],
  [`ipfs:${CID}`, 'ipfs:bafybeigdy…5fbzdi'],
  [`ipfs:${CID}/sub:Q8_0`, 'ipfs:bafybeigdy…5fbzdi/sub:Q8_0'],
])('%s is shown as %s', (name, title) => {
  expect(repoTitle(name)).toBe(title);
});
