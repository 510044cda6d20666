// `npm run bench:ready [-- --rounds N --builds FOLDER,FOLDER --dtype q4]`: how long the chat takes after a reload, in a real browser
// with WebGPU on a software driver: until a question can be sent, by phase, and until its answer. The model was kept by a first
// visit. Several builds take turns, so that load on the machine affects all alike. Prints medians and all rounds. Run
// `npm run build` first.

import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { browserArguments } from './house/browser-arguments.ts';
import { readBrowser } from './house/browser.mjs';
import { cpuSeconds } from './house/cpu-seconds.ts';
import { serveFolder } from './house/static-server.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    builds: { type: 'string', default: 'build' },
    dtype: { type: 'string', default: 'f16' },
  },
});

/** Milliseconds since the navigation began; what a phase is called on the page → when it was first shown. */
interface Seen {
  phases: Record<string, number>;
  ready: number;
  firstWord: number;
  answered: number;
}

interface Round extends Seen {
  /** Of the browser, GPU process included. */
  cpu: { ready: number; answered: number };
}

/** Runs in the page before its own scripts: notes when each phase, the question field and the answer first appear. */
function watch() {
  const seen: Seen = { phases: {}, ready: 0, firstWord: 0, answered: 0 };
  Object.assign(window, { seen });
  const look = () => {
    const now = performance.now();
    const phase = document.querySelector('section.progress [role=status]')?.textContent;
    if (phase) seen.phases[phase] ??= now;
    if (document.querySelector('[placeholder="Ask something"]')) seen.ready ||= now;
    if (document.querySelector('article[aria-busy] .text')?.textContent) seen.firstWord ||= now;
    if (document.querySelector('article[aria-busy=false] footer button')) seen.answered ||= now;
  };
  new MutationObserver(look).observe(document, {
    subtree: true,
    childList: true,
    characterData: true,
    attributes: true,
  });
}

const seenIn = (page: Page) => page.evaluate(() => (window as unknown as { seen: Seen }).seen);
const whenSeen = (page: Page, what: 'ready' | 'answered') =>
  page.waitForFunction((name) => (window as unknown as { seen: Seen }).seen[name] > 0, what, { timeout: 120_000 });

async function openOnce(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.addInitScript(watch);
  await page.addInitScript(
    (dtype) => localStorage.setItem('payable:settings', JSON.stringify({ dtype, maxTokens: 16 })),
    options.dtype,
  );
  await page.goto(`${url}chat`);
  await whenSeen(page, 'ready');
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  // A first visit that lasts until all is kept that will be kept.
  await setTimeout(10_000);
  return page;
}

async function measure(page: Page): Promise<Round> {
  // Timers of a tab in the background are slowed down.
  await page.bringToFront();
  await page.goto('about:blank');
  const before = cpuSeconds(process.pid);
  await page.goto(chat(page));
  await whenSeen(page, 'ready');
  const ready = cpuSeconds(process.pid) - before;
  await page.locator('.welcome li button').first().click();
  await whenSeen(page, 'answered');
  return { ...(await seenIn(page)), cpu: { ready, answered: cpuSeconds(process.pid) - before } };
}

const addresses = new WeakMap<Page, string>();
const chat = (page: Page) => addresses.get(page)!;

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}

/** Phases as durations: each lasts until the next is shown. */
function durations({ phases, ready }: Seen): Record<string, number> {
  const starts = Object.entries(phases).sort(([, a], [, b]) => a - b);
  const lasting = starts.map(([name, at], i) => [name, (starts[i + 1]?.[1] ?? ready) - at] as const);
  return { 'The page itself': starts[0]?.[1] ?? ready, ...Object.fromEntries(lasting) };
}

const profile = mkdtempSync(join(tmpdir(), 'bench-ready-'));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: readBrowser(resolve('.')),
  args: browserArguments('software'),
  timeout: 60_000,
});
const tabs: { folder: string; page: Page; close(): Promise<void>; rounds: Round[] }[] = [];
try {
  for (const folder of options.builds.split(',')) {
    const { url, close } = await serveFolder(resolve(folder));
    const page = await openOnce(context, url);
    addresses.set(page, `${url}chat`);
    await page.goto('about:blank');
    tabs.push({ folder, page, close, rounds: [] });
  }
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const { folder, page, rounds } of tabs) {
      const figures = await measure(page);
      await page.goto('about:blank');
      rounds.push(figures);
      const { ready, firstWord, answered, cpu } = figures;
      const times = [ready, firstWord, answered].map((ms) => `${Math.round(ms)} ms`);
      console.log(
        `${folder}: ready ${times[0]} (CPU ${cpu.ready.toFixed(1)} s), first word ${times[1]}, answered ${times[2]} (CPU ${cpu.answered.toFixed(1)} s); load ${loadavg()[0]!.toFixed(1)}`,
      );
    }
  }
  console.log(`${cpus().length} cores, ${cpus()[0]?.model}`);
  for (const { folder, rounds } of tabs) {
    const of = (pick: (round: Round) => number) => median(rounds.map(pick));
    console.log(`\n${folder}, ${options.dtype}, medians of ${rounds.length}`);
    for (const name of Object.keys(durations(rounds[0]!)))
      console.log(`  ${name.padEnd(36)} ${Math.round(of((round) => durations(round)[name] ?? 0))} ms`);
    console.log(`  ready ${Math.round(of(({ ready }) => ready))} ms, CPU ${of(({ cpu }) => cpu.ready).toFixed(1)} s`);
    console.log(`  first word ${Math.round(of(({ firstWord }) => firstWord))} ms`);
    console.log(
      `  answered ${Math.round(of(({ answered }) => answered))} ms, CPU ${of(({ cpu }) => cpu.answered).toFixed(1)} s`,
    );
  }
} finally {
  await context.close();
  for (const { close } of tabs) await close();
  rmSync(profile, { recursive: true, force: true });
}
