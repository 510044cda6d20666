// `npm run bench:datanet-page [-- --rows N --import-mb N]`: measures a Datanet of 200,000 rows in the built app, in a real
// browser, with a chain and a pinner on this machine: time to its first rows, scrolling, time to read all rows and to search
// them, and memory; and the same for a file of 500 MB that is inspected before it is contributed. Writes
// bench/results/datanet-page.json. Run `npm run build` first.

import { createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createTestClient, http, parseEther } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { createDatanet } from '#lib/chain/actions/datanets/create-datanet.ts';
import { publishDatanet } from '#lib/chain/actions/datanets/publish-datanet.ts';
import { devnet } from '#lib/chain/chains.ts';
import { toHex } from '#lib/core/bytes.ts';
import { encodeAbout } from '#lib/formats/datanet/datanet-about.ts';
import type { Block } from '#lib/formats/block/block.ts';
import { findLicence } from '#lib/formats/datanet/licences.ts';
import { packVersion } from '#lib/dataset/pack-version.ts';
import { readRows } from '#lib/dataset/read-rows.ts';
import { sharesRoot } from '#lib/dataset/shares-root.ts';
import { uploadToPinners } from '#lib/datanets/pinners/upload-to-pinners.ts';
import { datanetName } from '#lib/datanets/datanet-name.ts';
import { keepBlocks } from '#lib/ipfs/keep-blocks.ts';
import { pin } from '#lib/ipfs/pins.ts';
import { startPinner } from '../server/pinner/start-pinner.ts';
import { createPerson } from '../tests/support/datanet-person.ts';
import { digester, memorySpill } from '../tests/support/datanets.ts';
import { makeRow, randomFrom } from './house/bench-rows.ts';
import { deployToDevnet } from './house/deploy-to-devnet.ts';
import { openPlainTab, type PlainTab } from './house/plain-tab.ts';
import { runAnvil } from './house/run-anvil.ts';
import { serveFolder } from './house/static-server.ts';

const { values: options } = parseArgs({
  options: { rows: { type: 'string', default: '200000' }, 'import-mb': { type: 'string', default: '500' } },
});
const ROWS = Number(options.rows);
const IMPORT_BYTES = Number(options['import-mb']) * 1e6;
const folder = mkdtempSync(join(tmpdir(), 'bench-datanet-page-'));
// The port where the app expects a devnet.
const anvil = await runAnvil({ chainId: devnet.id, port: 8545 });
const pinner = await startPinner({ folder, port: 0, peerPort: 0, log: console.error });
const served = await serveFolder(resolve('build'));

async function publish(): Promise<{ id: bigint; bytes: number; shards: number }> {
  await deployToDevnet(anvil.url);
  const transport = http(anvil.url);
  const owner = privateKeyToAccount(`0x${'b7'.repeat(32)}`);
  const node = createTestClient({ chain: devnet, transport, mode: 'anvil' });
  await node.setBalance({ address: owner.address, value: parseEther('5') });
  const { context } = await createPerson(transport, owner, pinner.url);
  const about = encodeAbout({ name: 'Measured', description: 'Rows to measure with.', field: 'none' }, digester);
  await keepBlocks(context.ipfs.node, [about], 'about');
  await uploadToPinners(context, about.cid, 'about');
  const isDone = await context.run(
    await createDatanet(context.chain, {
      ...{ meta: toHex(about.cid.multihash.digest), licence: 2, curatorBps: 500 },
      ...{ isOpen: true, minStakeOpen: 0, tags: [] },
    }),
  );
  if (!isDone) throw new Error('The Datanet could not be created.');
  const id = 1n;
  async function* source() {
    for (let n = 0; n < ROWS; n += 500) {
      const some = Array.from({ length: Math.min(500, ROWS - n) }, (_, k) => JSON.stringify(makeRow(n + k)));
      yield Buffer.from(`${some.join('\n')}\n`);
    }
  }
  const { spdx, commercial, derivative } = findLicence('CC-BY-4.0')!;
  const terms = {
    ...{ datanet: datanetName(context.chain, id), n: 1, parents: [], createdAt: 0, author: null },
    licence: { spdx, commercial, derivative },
  };
  const spill = memorySpill();
  const packing = packVersion(readRows(source(), 'rows'), terms, { name: 'rows', digester, spill });
  let next = await packing.next();
  const keep = ({ cid, bytes }: Block) => context.ipfs.node.blocks.put(cid, bytes);
  for (; !next.done; next = await packing.next()) await keep(next.value);
  const { cid, version, contributors, shards } = next.value;
  await pin(context.ipfs.node, cid, { name: 'version 1' });
  // Packing blocked this process, so connections closed meanwhile are noticed only now.
  await setTimeout(500);
  await uploadToPinners(context, cid, 'version 1');
  const isPublished = await context.run(
    await publishDatanet(context.chain, {
      ...{ datanet: id, manifest: toHex(cid.multihash.digest), rowsRoot: version.rowRoot, parent: 0 },
      ...{ sharesRoot: sharesRoot(contributors), rows: version.stats.rows },
    }),
  );
  if (!isPublished) throw new Error('The version could not be published.');
  return { id, bytes: version.stats.bytes, shards };
}

/** Conditions in the page, found by the names that assistive technology uses. */
const watch = {
  firstRow: () => document.querySelector('[aria-label="All rows"] tbody th a') !== null,
  canFilter: () => [...document.querySelectorAll('search label span')].some((one) => one.textContent === 'Field'),
};

/** Waits until `seen` holds in the page, checked once per frame; milliseconds since before `act`, which also runs in the page. */
const timed = (tab: PlainTab, act: () => void, seen: () => boolean): Promise<number> =>
  tab.evaluate(`new Promise((resolve) => {
    const began = performance.now();
    (${act.toString()})();
    const look = () =>
      (${seen.toString()})() ? resolve(Math.round(performance.now() - began)) : requestAnimationFrame(look);
    look();
  })`);

/** Scrolls by one wheel step per frame and returns the frame times. */
const scroll = (tab: PlainTab, frames: number) =>
  tab.run((count: number) => {
    const region = document.querySelector('[aria-label="All rows"]')!;
    return new Promise<{ medianMs: number; p95Ms: number; slowestMs: number }>((resolve) => {
      const took: number[] = [];
      let before = performance.now();
      const step = (now: number) => {
        took.push(now - before);
        before = now;
        region.scrollBy(0, 100);
        if (took.length <= count) return requestAnimationFrame(step);
        took.shift();
        took.sort((a, b) => a - b);
        const at = (part: number): number => Math.round(10 * took[Math.floor(part * (took.length - 1))]!) / 10;
        return resolve({ medianMs: at(0.5), p95Ms: at(0.95), slowestMs: at(1) });
      };
      requestAnimationFrame(step);
    });
  }, frames);

/** From typing to the result and its first rows. */
const search = (tab: PlainTab, words: string) =>
  tab.run((typed: string) => {
    const field = document.querySelector<HTMLInputElement>('#words')!;
    const answer = () =>
      [...document.querySelectorAll('[role=status]')]
        .map((one) => one.textContent.trim())
        .find((text) => /^(No row has|[\d,]+ of [\d,]+ rows)/.test(text)) ?? '';
    const before = answer();
    const began = performance.now();
    field.value = typed;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    return new Promise<{ tookMs: number; answer: string }>((resolve) => {
      const look = () => {
        const now = answer();
        const isShown = document.querySelector('[aria-label="Rows found"] tbody th') !== null;
        if (now === '' || now === before || (!isShown && !now.startsWith('No row'))) return requestAnimationFrame(look);
        return resolve({ tookMs: Math.round(performance.now() - began), answer: now });
      };
      look();
    });
  }, words);

/** Runs `work` and returns its result with the peak memory during it. */
async function withPeak<T>(tab: PlainTab, work: () => Promise<T>): Promise<{ found: T; peakMb: number }> {
  const sizes: number[] = [];
  const looking = setInterval(() => void tab.memoryMb().then((size) => sizes.push(size)), 250);
  const found = await work();
  clearInterval(looking);
  return { found, peakMb: Math.max(...sizes) };
}

async function openTab(): Promise<PlainTab> {
  const tab = await openPlainTab();
  await tab.goto(`${served.url}datanets`);
  await tab.run(
    (chain: number, pinners: string[]) => {
      localStorage.setItem('payable:chain', String(chain));
      localStorage.setItem('payable:ipfs', JSON.stringify({ pinners, peers: [], webrtc: false }));
    },
    devnet.id,
    [pinner.url],
  );
  return tab;
}

async function measure(id: bigint) {
  const tab = await openTab();
  await tab.goto(`${served.url}datanets`);
  const link = () => [...document.querySelectorAll('a')].some((one) => one.textContent === 'Measured');
  await timed(tab, () => undefined, link);
  const click = () => [...document.querySelectorAll('a')].find((one) => one.textContent === 'Measured')!.click();
  const fromList = await timed(tab, click, watch.firstRow);
  const reload = async () => {
    const began = performance.now();
    await tab.goto(`${served.url}datanets/${id}`);
    await timed(tab, () => undefined, watch.firstRow);
    return Math.round(performance.now() - began);
  };
  const reloaded = await reload();
  const before = await tab.memoryMb();
  const scrolling = await scroll(tab, 300);
  const jumpMs = await timed(
    tab,
    () => {
      const region = document.querySelector('[aria-label="All rows"]')!;
      region.scrollTo(0, region.scrollHeight / 2);
    },
    () => {
      const index = Number(
        document.querySelector('[aria-label="All rows"] tr[aria-rowindex] th a')?.closest('tr')?.ariaRowIndex,
      );
      return index > 1000;
    },
  );
  const searches: Record<string, { tookMs: number; answer: string }> = {};
  const { found, peakMb } = await withPeak(tab, async () => {
    const readAllMs = await timed(
      tab,
      () =>
        [...document.querySelectorAll('button')].find((one) => one.textContent.trim().startsWith('Read all'))!.click(),
      watch.canFilter,
    );
    const atEnd = await tab.memoryMb();
    for (const words of ['4711', 'valve', 'valve panel', 'row 0123456', 'nowhere']) {
      searches[words] = await search(tab, words);
    }
    return { readAllMs, atEnd };
  });
  const { readAllMs, atEnd } = found;
  await setTimeout(10_000);
  const memoryMb = { before, peak: peakMb, atEnd, later: await tab.memoryMb() };
  await tab.close();
  return { openMs: { fromList, reloaded }, scrolling, jumpMs, readAllMs, searches, memoryMb };
}

/** New rows, as JSON Lines. */
async function writeImport(path: string): Promise<number> {
  const out = createWriteStream(path);
  const random = randomFrom(11);
  let rows = 0;
  for (let bytes = 0; bytes < IMPORT_BYTES;) {
    let text = '';
    for (let k = 0; k < 500; k++, rows++) {
      const [asked, answered] = makeRow(rows, random).messages.map(({ content }) => content);
      text += `${JSON.stringify({ prompt: asked, completion: answered })}\n`;
    }
    bytes += text.length;
    if (!out.write(text)) await new Promise<void>((resolve) => out.once('drain', () => resolve()));
  }
  await new Promise<void>((resolve) => out.end(() => resolve()));
  return rows;
}

/** Inspects a file against all rows of the Datanet while frames are counted. */
async function measureImport(id: bigint) {
  const path = join(folder, 'import.jsonl');
  const rows = await writeImport(path);
  const tab = await openTab();
  await tab.goto(`${served.url}datanets/${id}/contribute`);
  await timed(
    tab,
    () => undefined,
    () => document.querySelector('#file') !== null,
  );
  const before = await tab.memoryMb();
  await tab.chooseFile(`document.querySelector('#file')`, path);
  const canLook = () =>
    [...document.querySelectorAll('button')].some(({ textContent }) => /Look at all/.test(textContent));
  await timed(tab, () => undefined, canLook);
  const { found, peakMb } = await withPeak(tab, () =>
    tab.run(() => {
      [...document.querySelectorAll('button')].find(({ textContent }) => /Look at all/.test(textContent))!.click();
      const began = performance.now();
      const took: number[] = [];
      let last = began;
      return new Promise<{ tookMs: number; p95FrameMs: number; slowestFrameMs: number; found: string }>((resolve) => {
        const look = (now: number) => {
          took.push(now - last);
          last = now;
          const label = [...document.querySelectorAll('dt')].find((one) => one.textContent === 'Rows that can be used');
          if (!label) return requestAnimationFrame(look);
          took.sort((a, b) => a - b);
          return resolve({
            tookMs: Math.round(performance.now() - began),
            p95FrameMs: Math.round(took[Math.floor(0.95 * took.length)]!),
            slowestFrameMs: Math.round(took.at(-1)!),
            found: label.parentElement!.textContent.trim(),
          });
        };
        requestAnimationFrame(look);
      });
    }),
  );
  await tab.collectGarbage();
  const memoryMb = { before, peak: peakMb, collected: await tab.memoryMb() };
  await tab.close();
  return { bytes: IMPORT_BYTES, rows, ...found, memoryMb };
}

try {
  const published = await publish();
  const figures = await measure(published.id);
  const imported = IMPORT_BYTES > 0 ? await measureImport(published.id) : null;
  const machine = { cpus: cpus().length, model: cpus()[0]?.model, node: process.version, load: loadavg()[0] };
  const result = {
    machine,
    rows: ROWS,
    bytes: published.bytes,
    shards: published.shards,
    ...figures,
    import: imported,
  };
  mkdirSync('bench/results', { recursive: true });
  writeFileSync('bench/results/datanet-page.json', `${JSON.stringify(result, null, 2)}\n`);
  console.log(JSON.stringify(result, null, 2));
} finally {
  await served.close();
  await pinner.close();
  await anvil.stop();
  rmSync(folder, { recursive: true, force: true });
}
