// A browser without WebGPU: it is told what is missing, and may go on slowly.

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { expectNoComplaints, launchBrowser, openPage } from './support/browser.ts';
import { ask, waitUntilReady } from './support/chat-page.ts';
import { goTo } from './support/go-to.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser('none');
});
afterAll(() => browser.close());

it('says what is missing and what helps, then computes without a GPU if asked to', async () => {
  const opened = await openPage(browser);
  const { page } = opened;
  await goTo(page, inject('appUrl'), 'chat');
  await page.getByRole('heading', { name: 'This browser gives no access to the graphics card' }).waitFor();
  expect(await page.locator('main').innerText()).toContain('Chrome or Edge 113 and later');
  expect(await page.getByLabel('Your question').count()).toBe(0);
  await page.getByRole('button', { name: 'Go on without a GPU, slowly' }).click();
  await waitUntilReady(page);
  expect(await page.locator('.masthead .mode').innerText()).toContain('plain TypeScript');
  expect((await ask(page, 'Hello')).length).toBeGreaterThan(0);
  expectNoComplaints(opened);
});
