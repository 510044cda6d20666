// The factory in a real browser: a file becomes an adapter of the demo model. The tab is closed without a pause while it computes, the run
// goes on from its checkpoint in a new one, and the chat applies the result. Each start of an engine compiles for seconds, so there are few.

import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { expectNoComplaints, launchBrowser, openPage } from './support/browser.ts';
import { ask, waitUntilReady } from './support/chat-page.ts';
import { goTo } from './support/go-to.ts';
import { expectGoodLooks } from './support/looks.ts';
import { violations } from './support/violations.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser('software');
});
afterAll(() => browser.close());

const rows = readFileSync('static/models/nano/datanets/finance.jsonl', 'utf8').trim().split('\n').slice(0, 6);

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
/** Engines compile for long where other work shares the machine. */
const LONG = { timeout: 120_000 };

it('trains Nano on a file, survives a closed tab, and the chat applies the adapter', async () => {
  const opened = await openPage(browser);
  const { page, context, complaints } = opened;
  await goTo(page, inject('appUrl'), 'factory');
  await page.getByRole('heading', { name: 'No runs yet' }).waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('link', { name: 'Train an adapter' }).click();
  await page.getByRole('radio', { name: /^Nano/, checked: true }).waitFor();
  await button(page, 'Next: data').click();
  const file = { name: 'finance.jsonl', mimeType: 'application/jsonl', buffer: Buffer.from(rows.join('\n')) };
  await page.getByLabel('Choose files').setInputFiles(file);
  await button(page, 'Look at what is learned').click();
  await page.getByRole('heading', { name: 'What was found' }).waitFor();
  expect(await page.locator('figure ins').first().innerText()).toContain('percent');
  await expectGoodLooks(page);
  await button(page, 'Next: recipe').click();
  await page.getByRole('radio', { name: /^Quick/ }).check();
  expect(await page.getByLabel('Question 1').inputValue()).toMatch(/\?$/);
  for (const more of [2, 3]) await page.getByLabel(`Question ${more}`).fill('');
  await button(page, 'All settings').click();
  for (const [field, value] of Object.entries({
    Batch: 1,
    'Most steps': 5,
    Length: 64,
    Validations: 1,
    Validation: 0.2,
  }))
    await page.getByLabel(field, { exact: true }).fill(String(value));
  await page.getByLabel('Validation, at least').fill('1');
  await page.getByLabel('Validation, at least').blur();
  await page.keyboard.press('Escape');
  await button(page, 'Next: estimate').click();
  // It waits, whatever the estimate says.
  await button(page, 'Start training').waitFor(LONG);
  // A page that is hidden saves after the next step.
  await page.evaluate(() => Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' }));
  await button(page, 'Start training').click();
  await page.getByText('saved at step 1').waitFor(LONG);
  // It computes the next step. Closing asks nothing here, as when the browser is killed.
  await page.close();

  const next = await context.newPage();
  next.on('pageerror', ({ message }) => complaints.push(`threw ${message}`));
  await goTo(next, inject('appUrl'), 'factory');
  await next.getByText(/^interrupted: the page was closed/).waitFor();
  await next.getByRole('link', { name: 'finance.jsonl' }).click();
  await button(next, 'Resume').click();
  await next.getByRole('heading', { name: 'Result' }).waitFor(LONG);
  await next.getByRole('heading', { name: 'Answers as it learns' }).waitFor();
  await next.getByText(/went on from a checkpoint at step 1\./).waitFor();
  await next.locator('figure canvas').first().waitFor();
  await expectGoodLooks(next);
  await button(next, 'Use in chat').click();
  await waitUntilReady(next);
  await next.getByRole('radio', { name: 'trained:finance.jsonl', checked: true }).waitFor();
  expect((await ask(next, 'Which interest is paid?')).length).toBeGreaterThan(0);
  expectNoComplaints(opened);
});
