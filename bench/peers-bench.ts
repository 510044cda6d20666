// Runtimes side by side in a browser: opens the page "Compare on this device" of an app that runs, gives it a GGUF file, and reads the
// figures that the page shows. Returns figures and prints nothing.

import { chromium } from 'playwright-core';
import type { CompareRow } from '#lib/flows/compare-runtimes.ts';

export interface PeersBenchOptions {
  /** Address of the app. */
  app: string;
  /** A Chromium. */
  browser: string;
  browserArguments: readonly string[];
  /** Path of a GGUF file; undefined measures the demo model. */
  model: string | undefined;
  dtype: string;
  /** Tokens of the deepest context. */
  deepest: string;
  /** Compares answers with the plain TypeScript kernels. */
  isGolden: boolean;
  onProgress(line: string): void;
  signal: AbortSignal;
}

export interface PeersBenchResult {
  rows: CompareRow[];
  /** Why the other runtimes have no row. */
  refusals: string[];
}

export async function benchPeers(options: PeersBenchOptions): Promise<PeersBenchResult> {
  const { app, model, dtype, deepest, isGolden, onProgress, signal } = options;
  const browser = await chromium.launch({ executablePath: options.browser, args: [...options.browserArguments] });
  const stop = () => void browser.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(0);
    await page.goto(new URL('compare', app).href);
    const button = page.getByRole('button', { name: /^Compare with/ });
    await button.waitFor();
    if (model !== undefined) await page.getByLabel('A GGUF file, or Nano without one').setInputFiles(model);
    await page.getByLabel('Weights of the own engine').selectOption(dtype);
    await page.getByLabel('Deepest context').selectOption(deepest);
    if (isGolden) await page.getByLabel('Check the answers').check();
    await page.exposeFunction('payableProgress', onProgress);
    await page.evaluate(() => {
      const status = document.querySelector('[role=status]')!;
      const report = (globalThis as unknown as { payableProgress(line: string): void }).payableProgress;
      new MutationObserver(() => report(status.textContent)).observe(status, {
        characterData: true,
        subtree: true,
        childList: true,
      });
    });
    await button.click();
    await page.getByText('Measured.', { exact: true }).or(page.getByRole('alert')).first().waitFor();
    const rows = await page
      .locator('table')
      .getAttribute('data-rows', { timeout: 1000 })
      .catch(() => null);
    const refusals = await page.getByRole('alert').allInnerTexts();
    if (rows === null) throw new Error(refusals.join(' '));
    return { rows: JSON.parse(rows) as CompareRow[], refusals };
  } finally {
    signal.removeEventListener('abort', stop);
    await browser.close();
  }
}
