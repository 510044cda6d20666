import { createSHA256 } from 'hash-wasm';
import { beforeAll, expect, it } from 'vitest';
import { createPrefixFiles, type PrefixFiles } from './prefix-file.ts';

let files: PrefixFiles;
beforeAll(async () => {
  files = createPrefixFiles(await createSHA256(), 'model');
});

it('names a block by all tokens up to its end, by the root and by the model', async () => {
  const names = files.names('root', [1, 2, 3, 4, 5], 2);
  expect(names).toHaveLength(2);
  expect(files.names('root', [1, 2, 3, 4], 2)).toEqual(names);
  expect(files.names('root', [1, 2, 3, 5], 2)[0]).toBe(names[0]);
  const others = [
    files.names('root', [1, 2, 3, 5], 2)[1],
    files.names('root', [9, 2, 3, 4], 2)[1],
    files.names('other', [1, 2, 3, 4], 2)[1],
    // The same digits cut in another way.
    files.names('root', [1, 2, 3, 4], 4)[0],
    files.names('root', [12, 3, 4, 5], 2)[1],
    createPrefixFiles(await createSHA256(), 'another').names('root', [1, 2, 3, 4], 2)[1],
  ];
  expect(new Set([...names, ...others]).size).toBe(2 + others.length);
});

it('reads back what it wrote, and nothing else', () => {
  const [name, other] = files.names('root', [1, 2, 3, 4], 2) as [string, string];
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
