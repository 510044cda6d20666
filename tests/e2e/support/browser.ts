// A headless Chromium for the tests, with WebGPU on a software driver or without WebGPU. Requests to other machines fail the test
// that made them.

import { resolve } from 'node:path';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { browserArguments } from '#scripts/house/browser-arguments.ts';
import { readBrowser } from '#scripts/house/browser.mjs';

/** One browser per test file, which closes it. */
export async function launchBrowser(gpu: 'software' | 'none'): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: readBrowser(resolve('.')),
    args: browserArguments(gpu),
    timeout: 60_000,
  });
  return browser;
}

export const withWorker: BrowserContextOptions = { serviceWorkers: 'allow' };

export interface OpenPage {
  page: Page;
  context: BrowserContext;
  /** Errors that the page logged or threw, and its requests to other machines. */
  complaints: string[];
}

/**
 * A page in a separate profile. Its service worker, which stores the whole app for offline use, is enabled only by tests that
 * need it (`withWorker`), since its setup takes as long as many a test.
 */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await browser.newContext({ reducedMotion: 'reduce', serviceWorkers: 'block', ...options });
  const complaints: string[] = [];
  context.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && hostname !== 'localhost') complaints.push(`asked for ${request.url()}`);
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(`threw ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`logged ${message.text()}`);
  });
  return { page, context, complaints };
}

export function expectNoComplaints({ complaints }: OpenPage) {
  expect(complaints).toEqual([]);
}
