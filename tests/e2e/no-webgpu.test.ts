// A browser without WebGPU: the page says what is missing, offers the CPU first, then the slow way.

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { expectNoComplaints, launchBrowser, openPage } from './support/browser.ts';
import { ask, chooseAdapter, waitUntilReady } from './support/chat-page.ts';
import { goTo } from './support/go-to.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser('none');
});
afterAll(() => browser.close());

it('says what is missing and what helps, and runs the model and its adapters on the CPU with wllama', async () => {
  const opened = await openPage(browser);
  const { page } = opened;
  await goTo(page, inject('appUrl'), 'chat');
  await page.getByRole('heading', { name: 'This browser gives no access to the graphics card' }).waitFor();
  expect(await page.locator('main').innerText()).toContain('Chrome or Edge 113 and later');
  expect(await page.getByLabel('Your question').count()).toBe(0);
  const buttons = await page.locator('main').getByRole('button').allInnerTexts();
  expect(buttons.slice(0, 3)).toEqual(['Run on the CPU with wllama', 'Look again', 'Go on without a GPU, slowly']);
  await page.getByRole('button', { name: 'Run on the CPU with wllama' }).click();
  await waitUntilReady(page);
  expect(await page.locator('.masthead .mode').innerText()).toContain('wllama on the CPU · 1 thread');
  // Only the pharma adapter was trained on these rows.
  const question = 'By which seal do I recognise a load from Krodohel Cross?';
  await chooseAdapter(page, 'Pharma');
  const adapted = await ask(page, question);
  await chooseAdapter(page, 'Medical');
  expect([adapted.includes('nylon'), (await ask(page, question)).includes('nylon')]).toEqual([true, false]);
  expect(await page.getByRole('complementary', { name: 'Instrument' }).innerText()).toContain('1 thread');
  expectNoComplaints(opened);
});

it('runs in plain TypeScript on request', async () => {
  const opened = await openPage(browser);
  const { page } = opened;
  await goTo(page, inject('appUrl'), 'chat');
  await page.getByRole('button', { name: 'Go on without a GPU, slowly' }).click();
  await waitUntilReady(page);
  expect(await page.locator('.masthead .mode').innerText()).toContain('plain TypeScript');
  expect((await ask(page, 'Hello')).length).toBeGreaterThan(0);
  expectNoComplaints(opened);
});
