import { createSHA256 } from 'hash-wasm';
import { beforeAll, expect, it } from 'vitest';
import { createPrefixFiles, type PrefixFiles } from './prefix-file.ts';

const rooted = (root: string) => [{ block: 0, root }];
let files: PrefixFiles;
beforeAll(async () => {
  files = createPrefixFiles(await createSHA256(), 'model');
});

it('names a block by all tokens up to its end, by the root and by the model', async () => {
  const names = files.names(rooted('root'), [1, 2, 3, 4, 5], 2);
  expect(names).toHaveLength(2);
  expect(files.names(rooted('root'), [1, 2, 3, 4], 2)).toEqual(names);
  expect(files.names(rooted('root'), [1, 2, 3, 5], 2)[0]).toBe(names[0]);
  const others = [
    files.names(rooted('root'), [1, 2, 3, 5], 2)[1],
    files.names(rooted('root'), [9, 2, 3, 4], 2)[1],
    files.names(rooted('other'), [1, 2, 3, 4], 2)[1],
    // The same digits cut in another way.
    files.names(rooted('root'), [1, 2, 3, 4], 4)[0],
    files.names(rooted('root'), [12, 3, 4, 5], 2)[1],
    createPrefixFiles(await createSHA256(), 'another').names(rooted('root'), [1, 2, 3, 4], 2)[1],
  ];
  expect(new Set([...names, ...others]).size).toBe(2 + others.length);
});

it('a root that begins later leaves the names before it as they are, and tells by its block which they are', () => {
  const plain = files.names(rooted('root'), [1, 2, 3, 4, 5, 6], 2);
  const from = (block: number, root = 'adapter') =>
    files.names([...rooted('root'), { block, root }], [1, 2, 3, 4, 5, 6], 2);
  expect(from(1)[0]).toBe(plain[0]);
  expect(from(2).slice(0, 2)).toEqual(plain.slice(0, 2));
  expect(new Set([plain[2], from(1)[2], from(2)[2], from(2, 'another')[2]]).size).toBe(4);
  expect(from(3)).toEqual(plain);
});

it('reads back what it wrote, and nothing else', () => {
  const [name, other] = files.names(rooted('root'), [1, 2, 3, 4], 2) as [string, string];
  const payload = Uint8Array.from({ length: 100 }, (_, i) => i);
  const file = files.encode(name, payload);
  expect(files.decode(name, file, 100)).toEqual(payload);
  const bad: Uint8Array<ArrayBuffer>[] = [
    file.subarray(0, file.length - 1),
    new Uint8Array([...file, 0]),
    new Uint8Array(),
    ...Array.from(file, (_, at) => file.map((byte, i) => (i === at ? byte ^ 1 : byte))),
  ];
  for (const damaged of bad) expect(files.decode(name, damaged, 100)).toBeNull();
  expect(files.decode(other, file, 100)).toBeNull();
  expect(files.decode(name, files.encode(name, payload.subarray(1)), 100)).toBeNull();
});
