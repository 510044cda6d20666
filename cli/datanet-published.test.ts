// A version is verified from its id: blocks from an untrusted gateway, the rest from the chain.

import { createServer, type Server } from 'node:http';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mnemonicToAccount } from 'viem/accounts';
import { toHex } from 'viem';
import { afterAll, beforeAll, expect, it, test } from 'vitest';
import { createDatanet } from '#lib/chain/actions/datanets/create-datanet.ts';
import { publishDatanet, type DatanetVersion } from '#lib/chain/actions/datanets/publish-datanet.ts';
import type { ActionPlan } from '#lib/chain/tx/plan.ts';
import { runPlan } from '#lib/chain/tx/run.ts';
import { openChain } from './chain/open-chain.ts';
import { readCar } from '#lib/formats/block/car.ts';
import { parseCid } from '#lib/formats/block/block.ts';
import { writeFileSync } from 'node:fs';
import { datanet } from '../tests/support/datanet-command.ts';
import { someRows } from '../tests/support/datanets.ts';
import { createNodeDigester } from '#node/digester.ts';
import { withDataSources } from './data-sources.ts';
import { run } from './run.ts';

const scratch = mkdtempSync(join(tmpdir(), 'payable-published-'));
const at = (name: string): string => join(scratch, name);
const data = at('sandbox');
const curator = mnemonicToAccount('test test test test test test test test test test test junk', { addressIndex: 6 });
const keyFile = at('key');

/** A gateway: raw blocks by id, one of them corrupted on demand. */
const blocks = new Map<string, Uint8Array>();
const spoilt = new Set<string>();
const gone = new Set<string>();
let asked = 0;
let server: Server;
let gateway: string;

const verify = (cid: string, ...more: string[]) =>
  datanet('verify', cid, '--gateway', gateway, '--data', data, ...more);

async function packed(name: string, count: number, ...more: string[]) {
  writeFileSync(
    at(`${name}.jsonl`),
    someRows(count)
      .map((row) => JSON.stringify(row))
      .join('\n'),
  );
  const { out, lines } = await datanet('pack', at(`${name}.jsonl`), '--out', at(name), ...more);
  expect(lines).toEqual([]);
  for await (const { cid, bytes } of (await readCar([new Uint8Array(readFileSync(join(at(name), 'version.car')))]))
    .blocks) {
    blocks.set(cid.toString(), bytes);
  }
  return JSON.parse(out) as { manifest: string; rowRoot: string; sharesRoot: string; rows: number; shards: number };
}

/** Creates a Datanet and publishes what is given, as its owner; returns the Datanet's full name. */
async function onChain(plans: (id: bigint) => Partial<DatanetVersion>[]): Promise<string> {
  const chain = await openChain({ data, 'key-file': keyFile });
  try {
    const act = async (plan: ActionPlan) => {
      for await (const { state } of runPlan(chain.context, plan, chain.host)) expect(state.status).not.toBe('reverted');
    };
    const { read, addresses } = chain.context;
    await act(
      await createDatanet(chain.context, {
        meta: toHex(1, { size: 32 }),
        licence: 2,
        curatorBps: 0,
        isOpen: true,
        minStakeOpen: 0,
        tags: [],
      }),
    );
    const { datanetRegistryAbi: abi } = await import('#lib/chain/abi/datanet-registry.ts');
    const id = await read.readContract({ address: addresses.DatanetRegistry, abi, functionName: 'datanetCount' });
    for (const [parent, version] of plans(id).entries()) {
      await act(await publishDatanet(chain.context, { datanet: id, parent, ...version } as DatanetVersion));
    }
    return `${chain.context.chain.id}:${addresses.DatanetRegistry.toLowerCase()}:${id}`;
  } finally {
    chain.close();
  }
}

const publication = ({ manifest, rowRoot, sharesRoot, rows }: Awaited<ReturnType<typeof packed>>) => ({
  manifest: toHex(parseCid(manifest).multihash.digest),
  rowsRoot: rowRoot,
  sharesRoot,
  rows,
});

beforeAll(async () => {
  writeFileSync(keyFile, `${toHex(curator.getHdKey().privateKey!)}\n`);
  server = createServer((request, response) => {
    asked++;
    const cid = /^\/ipfs\/(\w+)\?format=raw$/.exec(request.url!)?.[1] ?? '';
    const bytes = gone.has(cid) ? undefined : blocks.get(cid);
    response.writeHead(bytes ? 200 : 404);
    response.end(
      bytes && spoilt.has(cid) ? Uint8Array.from(bytes, (byte, index) => (index === 9 ? byte ^ 1 : byte)) : bytes,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  gateway = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(
    await run(
      ['chain', 'faucet', '--data', data, '--key-file', keyFile],
      { write: () => undefined, fail: () => undefined },
      new AbortController().signal,
    ),
  ).toBe(0);
}, 60_000);

afterAll(() => {
  server.close();
  rmSync(scratch, { recursive: true });
});

it('verifies a published version, whether or not it names its Datanet, and refuses others', async () => {
  const unnamed = await packed('unnamed', 500);
  const before = await verify(unnamed.manifest);
  expect(before.lines).toEqual([expect.stringMatching(/the chain .* knows no version with this manifest/)]);

  const first = await onChain(() => [publication(unnamed)]);
  const { code, out, lines } = await verify(unnamed.manifest);
  expect([code, lines]).toEqual([0, []]);
  expect(JSON.parse(out)).toMatchObject({
    manifest: unnamed.manifest,
    rowRoot: unnamed.rowRoot,
    rows: 500,
    shards: unnamed.shards,
    contributors: 10,
    signature: 'unsigned',
    version: 1,
    datanet: first,
    publisher: curator.address,
  });

  const second = `${first.slice(0, first.lastIndexOf(':'))}:2`;
  const named = await packed('named', 300, '--datanet', second);
  expect(await onChain(() => [publication(named)])).toBe(second);
  expect(JSON.parse((await verify(named.manifest)).out)).toMatchObject({ datanet: second, rows: 300 });

  // The next version matches the chain in all but one field.
  const lied = await packed('lied', 310, '--datanet', `${first.slice(0, first.lastIndexOf(':'))}:3`);
  await onChain(() => [{ ...publication(lied), rows: 311 }]);
  expect((await verify(lied.manifest)).lines).toEqual([
    expect.stringMatching(/its number of rows is 310, the chain says 311/),
  ]);

  const elsewhere = await packed('elsewhere', 40, '--datanet', `1:0x${'ab'.repeat(20)}:1`);
  expect((await verify(elsewhere.manifest)).lines).toEqual([
    expect.stringMatching(/belongs to 1:0xabab.*Name its chain/),
  ]);

  const [digester, signal] = [await createNodeDigester(), new AbortController().signal];
  const published = { values: { gateway, sandbox: data }, digester, signal };
  await withDataSources([unnamed.manifest], published, async ([source]) => {
    expect(source).toMatchObject({ id: unnamed.manifest, licence: { spdx: expect.any(String) as string } });
    for (let read = 0; read < 2; read++) expect((await Array.fromAsync(source!.rows(signal))).flat()).toHaveLength(500);
  });
  await expect(withDataSources([lied.manifest], published, () => Promise.resolve())).rejects.toThrow(
    'its number of rows is 310, the chain says 311',
  );

  const shard = [...blocks.keys()].find((cid) => cid.startsWith('bafkrei'))!;
  spoilt.add(shard);
  expect((await verify(unnamed.manifest)).lines).toEqual([
    expect.stringMatching(/do not have the hash that its id names/),
  ]);
  spoilt.clear();
  gone.add(shard);
  expect((await verify(unnamed.manifest)).lines).toEqual([expect.stringMatching(/block bafkrei\w+ is missing/)]);
  gone.clear();
  asked = 0;
  expect((await verify(unnamed.manifest)).code).toBe(0);
  expect(asked).toBeLessThanOrEqual(unnamed.shards + 3);
}, 60_000);

test.each<[string, string[], RegExp]>([
  [
    'a row of blocks that is no version',
    [parseCid('bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e').toString()],
    /is the id of no version/,
  ],
  [
    'an id that is none',
    ['bafyreiaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'],
    /is not a content id|is missing|bytes/,
  ],
  [
    'a gateway that is none',
    ['bafyreibqrgwmdzkcpt3fgyo2pwewtzu6qahrqspfzbs3d2fbhur5iexf5q', '--gateway', 'ftp://x'],
    /neither https nor http/,
  ],
  [
    'a gateway that is not there',
    ['bafyreibqrgwmdzkcpt3fgyo2pwewtzu6qahrqspfzbs3d2fbhur5iexf5q', '--gateway', 'http://127.0.0.1:9'],
    /127.0.0.1:9/,
  ],
])('refuses %s', async (_, [cid, ...more], message) => {
  const { code, out, lines } = await verify(cid!, ...more);
  expect([code, out, lines]).toEqual([1, '', [expect.stringMatching(message)]]);
  expect(lines[0]).not.toContain('internal error');
});
