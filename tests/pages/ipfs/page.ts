// IPFS in a real page for tests: the parts as the app composes them, exposed on the window.

import { parseCid } from '#lib/formats/block/block.ts';
import { addFolder } from '#lib/ipfs/add-files.ts';
import { carBlob } from '#lib/ipfs/car-blob.ts';
import { findCopies } from '#lib/flows/find-copies.ts';
import { cleanUp, listPins, pin } from '#lib/ipfs/pins.ts';
import { createPinnerClient } from '#lib/ipfs/pinner-client.ts';
import { readFile } from '#lib/ipfs/read-files.ts';
import { openBrowserIpfs } from '#lib/ipfs/shell/browser-ipfs.ts';
import { verifyData } from '#lib/ipfs/verify-data.ts';

const settings = { pinners: [] as string[], gateways: [] as string[], peers: [] as string[], webrtc: false };
const ipfs = await openBrowserIpfs(() => settings);

const filled = (size: number): Uint8Array => {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, Math.min(size, at + 65_536)));
  return bytes;
};

const lab = {
  set: (change: Partial<typeof settings>) => void Object.assign(settings, change),
  async add(size: number): Promise<string> {
    const files = [
      { path: 'rows.jsonl', content: filled(size) },
      { path: 'readme.md', content: new TextEncoder().encode('# rows') },
    ];
    const root = await addFolder(ipfs.node, files);
    await pin(ipfs.node, root, { name: 'rows' });
    return root.toString();
  },
  async upload(root: string, pinner: string, token: string): Promise<string> {
    const car = await carBlob(ipfs.node, parseCid(root));
    return (await createPinnerClient(pinner, fetch.bind(window), token).upload(car)).status;
  },
  async fetch(root: string): Promise<number> {
    const started = performance.now();
    await ipfs.fetch(parseCid(root));
    return performance.now() - started;
  },
  leads: () => ipfs.goOnline().leads(),
  async read(root: string, path: string): Promise<number> {
    let bytes = 0;
    for await (const piece of readFile(ipfs.node, parseCid(root), { path })) bytes += piece.length;
    return bytes;
  },
  async verify(root: string) {
    const { blocks, bytes, missing, damaged } = await verifyData(ipfs.node, [parseCid(root)]);
    return { blocks, bytes, missing: missing.length, damaged: damaged.length };
  },
  async copies(root: string, pinner: string): Promise<string[]> {
    const asking = { pinners: [pinner], fetch: fetch.bind(window), signal: new AbortController().signal };
    return (await Array.fromAsync(findCopies(ipfs.node, parseCid(root), asking))).map(({ state }) => state);
  },
  async pins(): Promise<string[]> {
    return (await Array.fromAsync(listPins(ipfs.node))).map(({ root }) => root.toString());
  },
  async blocks(): Promise<number> {
    let count = 0;
    for await (const _ of ipfs.node.blocks.getAll()) count++;
    return count;
  },
  cleanUp: () => cleanUp(ipfs.node),
};
export type Lab = typeof lab;

Object.assign(window, { lab });
document.title = 'ready';
