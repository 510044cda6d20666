// Opening the Datanets that come with the app: the real ones are sound, and changed files are refused.

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinBytes } from '#lib/core/bytes.ts';
import { createDigester } from '#lib/core/digester.ts';
import { PayableError } from '#lib/core/errors.ts';
import { RAW } from '#lib/formats/block/block.ts';
import { readCar, writeCar } from '#lib/formats/block/car.ts';
import { FormatError, HashMismatchError } from '#lib/formats/errors.ts';
import { verifyRowProof } from '#lib/core/row-tree.ts';
import { RowUnknownError, VersionUnsoundError } from '#lib/dataset/errors.ts';
import { BlockMissingError } from '#lib/ipfs/errors.ts';
import { parseDatanetIndex, readDatanetIndex } from '#lib/datanets/published/datanet-index.ts';
import { openDatanet, type OpenDatanetContext, type OpenDatanetInput } from './open-datanet.ts';

const FOLDER = 'static/datanets/';
const INDEX = readFileSync(`${FOLDER}index.json`, 'utf8');
const bytesOf = (text: string) => new TextEncoder().encode(text);
const { signal } = new AbortController();

/** The app's own files, some of them replaced. */
function files(replaced: Record<string, Uint8Array> = {}): OpenDatanetContext & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    createDigester,
    async read(path) {
      asked.push(path);
      const bytes = replaced[path] ?? new Uint8Array(readFileSync(FOLDER + path));
      return (function* () {
        for (let at = 0; at < bytes.length; at += 4999) yield bytes.subarray(at, at + 4999);
      })();
    },
  };
}

async function look(context: OpenDatanetContext, input: OpenDatanetInput, stop = signal) {
  const events = await Array.fromAsync(openDatanet(context, input, { signal: stop }));
  const opened = events.find((event) => event.type === 'opened');
  const proven = events.find((event) => event.type === 'proven');
  return { events, datanet: opened?.datanet, proof: proven?.proof };
}

const withIndex = (change: (entry: Record<string, unknown>) => void) => {
  const index = JSON.parse(INDEX) as { datanets: Record<string, unknown>[] };
  index.datanets.forEach(change);
  return { 'index.json': bytesOf(JSON.stringify(index)) };
};

it('opens each of the five with all rows, reading only the index and one file', async () => {
  const entries = await readDatanetIndex(files(), signal);
  expect(entries).toHaveLength(5);
  for (const { id, rows, contributors, car } of entries) {
    const context = files();
    const { events, datanet } = await look(context, { id });
    const { version, shards, rows: rowsOf } = datanet!.version;
    expect(version.stats.rows).toBe(rows);
    expect(contributors).toHaveLength(10);
    expect(datanet!.readme).toMatch(/All rows are synthetic/);
    const read = await Promise.all(shards.map((shard) => rowsOf(shard)));
    expect(read.flat()).toHaveLength(rows);
    expect(context.asked).toEqual(['index.json', car.path]);
    expect(events.findLast((event) => event.type === 'reading')).toMatchObject({
      readBytes: car.bytes,
      totalBytes: car.bytes,
    });
  }
});

it('proves every row of one, by id, and no other', async () => {
  const context = files();
  const { datanet } = await look(context, { id: 'medical' });
  const rows = await datanet!.version.rows(datanet!.version.shards[1]!);
  const version = datanet!.version.cid.toString();
  for (const { id } of rows.slice(0, 5)) {
    const { proof } = await look(context, { id: 'medical', version, row: id });
    expect(proof!.row.id).toBe(id);
    expect(verifyRowProof(datanet!.version.version.rowRoot, proof!.leaf, proof!.siblings)).toBe(true);
  }
  await expect(look(context, { id: 'medical', row: 'nobody' })).rejects.toThrow(RowUnknownError);
  await expect(look(context, { id: 'medical', row: '' })).rejects.toThrow(RowUnknownError);
});

it('refuses an unknown Datanet or version', async () => {
  await expect(look(files(), { id: 'weather' })).rejects.toThrow(
    'There is no Datanet “weather” among those of this app',
  );
  await expect(look(files(), { id: 'medical', version: 'bafyother' })).rejects.toMatchObject({
    hint: expect.stringMatching(/^This app has bafyrei/) as string,
  });
});

describe('changed files', () => {
  it('a change of one byte anywhere in the file is found', async () => {
    const car = new Uint8Array(readFileSync(`${FOLDER}medical.car`));
    const at = fc.integer({ min: 0, max: car.length - 1 });
    await fc.assert(
      fc.asyncProperty(at, fc.integer({ min: 1, max: 255 }), async (place, flip) => {
        const changed = car.slice();
        changed[place]! ^= flip;
        await expect(look(files({ 'medical.car': changed }), { id: 'medical' })).rejects.toThrow(PayableError);
      }),
      { numRuns: 60 },
    );
  });

  it('a truncated file, the file of another Datanet, and one larger than the index says are refused', async () => {
    const car = new Uint8Array(readFileSync(`${FOLDER}medical.car`));
    const other = new Uint8Array(readFileSync(`${FOLDER}finance.car`));
    await expect(look(files({ 'medical.car': car.subarray(0, 40_000) }), { id: 'medical' })).rejects.toThrow(
      PayableError,
    );
    await expect(look(files({ 'medical.car': other }), { id: 'medical' })).rejects.toThrow(FormatError);
    const small = withIndex((entry) => (entry['car'] = { path: 'medical.car', bytes: 1000 }));
    await expect(look(files(small), { id: 'medical' })).rejects.toThrow('more than 1000 bytes');
  });

  it('a file that lacks a shard is refused, though all its blocks are right', async () => {
    const car = await readCar([new Uint8Array(readFileSync(`${FOLDER}medical.car`))]);
    const blocks = await Array.fromAsync(car.blocks);
    const left = blocks.filter(({ cid }, at) => cid.code !== RAW || at < blocks.length - 3);
    expect(left).toHaveLength(blocks.length - 3);
    const pieces = await Array.fromAsync(writeCar(car.roots, left));
    await expect(look(files({ 'medical.car': joinBytes(pieces) }), { id: 'medical' })).rejects.toThrow(
      BlockMissingError,
    );
  });

  it('a row that was changed in place is refused', async () => {
    const car = Buffer.from(readFileSync(`${FOLDER}medical.car`));
    car[car.lastIndexOf('0x')]! ^= 1;
    await expect(look(files({ 'medical.car': new Uint8Array(car) }), { id: 'medical' })).rejects.toThrow(
      HashMismatchError,
    );
  });

  it.each([
    ['rowRoot', `0x${'0'.repeat(64)}`],
    ['rows', 241],
    ['licence', 'CC0-1.0'],
    ['contributors', []],
  ])('an index whose %s differs from the version is refused', async (field, value) => {
    const index = withIndex((entry) => (entry[field] = value));
    await expect(look(files(index), { id: 'medical' })).rejects.toThrow(VersionUnsoundError);
  });
});

it.each([
  ['id', '../up'],
  ['name', ''],
  ['licence', 7],
  ['manifest', 'bafy'],
  ['rowRoot', '0x12'],
  ['rows', -1],
  ['rows', 1.5],
  ['contributors', [{ address: '0x1', rows: 1 }]],
  ['car', { path: '../index.car', bytes: 10 }],
  ['car', { path: 'https://elsewhere/x.car', bytes: 10 }],
  ['car', { path: 'medical.car', bytes: 1e12 }],
  ['car', null],
])('an index with a bad %s is refused by name (%j)', (field, value) => {
  const { 'index.json': bytes } = withIndex((entry) => (entry[field] = value));
  expect(() => parseDatanetIndex(new TextDecoder().decode(bytes), 'index.json')).toThrow(FormatError);
});

it('an index that cannot be parsed, lists a Datanet twice, or is endless is refused', async () => {
  for (const text of ['', '[]', '{}', '{"datanets":{}}', '{"datanets":[null]}']) {
    expect(() => parseDatanetIndex(text, 'index.json'), text).toThrow(FormatError);
  }
  const twice = withIndex((entry) => (entry['id'] = 'same'))['index.json'];
  await expect(readDatanetIndex(files({ 'index.json': twice }), signal)).rejects.toThrow('listed twice');
  const endless = {
    read: async () =>
      (function* () {
        for (;;) yield new Uint8Array(1 << 16);
      })(),
  };
  await expect(readDatanetIndex(endless, signal)).rejects.toThrow('more than');
});

it('stops when it is aborted', async () => {
  const stopped = AbortSignal.abort();
  await expect(look(files(), { id: 'medical' }, stopped)).rejects.toMatchObject({ code: 'core/aborted' });
});
