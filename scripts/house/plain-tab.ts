// A tab of Chromium for measurements, controlled without a testing library: those record a page's network with all response
// bodies in the page's memory, and poll its elements.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { browserArguments } from './browser-arguments.ts';
import { readBrowser } from './browser.mjs';

export interface PlainTab {
  /** Resolves when the document is loaded. */
  goto(url: string): Promise<void>;
  /** Value of an expression in the page, once settled. */
  evaluate<T>(expression: string): Promise<T>;
  /** Runs a function of plain values in the page. */
  run<A extends unknown[], T>(act: (...args: A) => T | Promise<T>, ...args: A): Promise<T>;
  /** Sets a local file on the file input that `expression` yields. */
  chooseFile(expression: string, path: string): Promise<void>;
  /** Private memory of the tab's process in MB: heaps of page and workers, buffers, pictures. */
  memoryMb(): Promise<number>;
  /** Collects garbage. */
  collectGarbage(): Promise<void>;
  close(): Promise<void>;
}

interface Answer {
  id?: number;
  method?: string;
  result?: Record<string, unknown>;
  error?: { message: string };
}

export async function openPlainTab(): Promise<PlainTab> {
  const profile = mkdtempSync(join(tmpdir(), 'plain-tab-'));
  const browser = spawn(
    readBrowser('.'),
    [
      ...browserArguments('none'),
      '--headless',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const address = await new Promise<string>((resolve, reject) => {
    let said = '';
    browser.stderr.on('data', (piece: Buffer) => {
      said += piece.toString();
      const found = /DevTools listening on (ws:\S+)/.exec(said);
      if (found) resolve(found[1]!);
    });
    browser.on('exit', () => reject(new Error(`Chromium ended: ${said}`)));
  });
  const socket = new WebSocket(address);
  await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }));
  const waiting = new Map<number, (answer: Answer) => void>();
  const listeners = new Map<string, () => void>();
  socket.addEventListener('message', ({ data }) => {
    const answer = JSON.parse(String(data)) as Answer;
    if (answer.id !== undefined) waiting.get(answer.id)?.(answer);
    else if (answer.method !== undefined) listeners.get(answer.method)?.();
  });
  let number = 0;
  async function send<T>(method: string, params: object = {}, sessionId?: string): Promise<T> {
    const id = ++number;
    const { result, error } = await new Promise<Answer>((resolve) => {
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, method, params, ...(sessionId !== undefined && { sessionId }) }));
    });
    waiting.delete(id);
    if (error) throw new Error(`${method}: ${error.message}`);
    return result as T;
  }
  interface Target {
    targetId: string;
    type: string;
  }
  const { targetInfos } = await send<{ targetInfos: Target[] }>('Target.getTargets');
  const { targetId } = targetInfos.find(({ type }) => type === 'page')!;
  const { sessionId } = await send<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true });
  await send('Page.enable', {}, sessionId);
  async function evaluate<T>(expression: string): Promise<T> {
    interface Evaluated {
      result: { value: T };
      exceptionDetails?: { exception?: { description?: string } };
    }
    const params = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await send<Evaluated>('Runtime.evaluate', params, sessionId);
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? 'The page threw.');
    return result.value;
  }
  return {
    evaluate,
    run: (act, ...args) => evaluate(`(${act.toString()})(...${JSON.stringify(args)})`),
    async goto(url) {
      const loaded = new Promise<void>((resolve) => listeners.set('Page.domContentEventFired', resolve));
      await send('Page.navigate', { url }, sessionId);
      await loaded;
    },
    async chooseFile(expression, path) {
      interface Evaluated {
        result: { objectId: string };
      }
      const { result } = await send<Evaluated>('Runtime.evaluate', { expression }, sessionId);
      await send('DOM.setFileInputFiles', { files: [path], objectId: result.objectId }, sessionId);
    },
    async collectGarbage() {
      await send('HeapProfiler.collectGarbage', {}, sessionId);
    },
    async memoryMb() {
      interface Info {
        processInfo: { type: string; id: number }[];
      }
      const { processInfo } = await send<Info>('SystemInfo.getProcessInfo');
      const sizes = processInfo
        .filter(({ type }) => type === 'renderer')
        .map(({ id }) => {
          const sums = readFileSync(`/proc/${id}/smaps_rollup`, 'utf8');
          const kilobytes = (name: string): number => Number(new RegExp(`^${name}: +([0-9]+) kB`, 'm').exec(sums)![1]);
          return kilobytes('Private_Clean') + kilobytes('Private_Dirty');
        });
      return Math.round(Math.max(...sizes) / 1000);
    },
    async close() {
      const ended = new Promise((resolve) => browser.once('exit', resolve));
      await send('Browser.close').catch(() => undefined);
      await ended;
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
