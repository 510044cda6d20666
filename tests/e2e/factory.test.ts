// The factory in a real browser: a file becomes an adapter of the demo model. The page is reloaded in the middle, the run goes on, and
// the chat applies the result.

import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
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

it('trains Nano on a file, survives a reload, and the chat applies the adapter', async () => {
  const opened = await openPage(browser);
  const { page } = opened;
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  await goTo(page, inject('appUrl'), 'factory');
  await page.getByRole('heading', { name: 'No runs yet' }).waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('link', { name: 'Train an adapter' }).click();
  await page.getByRole('radio', { name: /^Nano/, checked: true }).waitFor();
  await button('Next: data').click();
  const file = { name: 'finance.jsonl', mimeType: 'application/jsonl', buffer: Buffer.from(rows.join('\n')) };
  await page.getByLabel('Choose files').setInputFiles(file);
  await button('Look at what is learned').click();
  await page.getByRole('heading', { name: 'What was found' }).waitFor();
  expect(await page.locator('figure ins').first().innerText()).toContain('percent');
  await expectGoodLooks(page);
  await button('Next: recipe').click();
  await page.getByRole('radio', { name: /^Quick/ }).check();
  expect(await page.getByLabel('Question 1').inputValue()).toMatch(/\?$/);
  for (const more of [2, 3]) await page.getByLabel(`Question ${more}`).fill('');
  await button('All settings').click();
  for (const [field, value] of Object.entries({ Batch: 2, 'Most steps': 3, Validations: 1, Validation: 0.2 }))
    await page.getByLabel(field, { exact: true }).fill(String(value));
  await page.getByLabel('Validation, at least').fill('1');
  await page.getByLabel('Validation, at least').blur();
  await page.keyboard.press('Escape');
  await expectGoodLooks(page);
  await button('Next: estimate').click();
  // It waits, whatever the estimate says.
  await button('Start training').click({ timeout: 120_000 });
  await page.getByText(/^step [12] of \d/).waitFor({ timeout: 120_000 });
  await button('Pause').click();
  await button('Resume').waitFor({ timeout: 120_000 });
  const before = await page.getByText(/^step \d of \d/).innerText();

  await page.reload();
  await button('Resume').waitFor();
  expect(await page.getByText(/^step \d of \d/).innerText()).toBe(before);
  await page.locator('figure canvas').first().waitFor();
  await expectGoodLooks(page);
  await button('Resume').click();
  await page.getByRole('heading', { name: 'Result' }).waitFor({ timeout: 120_000 });
  await page.getByRole('heading', { name: 'Answers as it learns' }).waitFor();
  await page.getByText(/went on from a checkpoint at step [12]\./).waitFor();
  await expectGoodLooks(page);
  await button('Use in chat').click();
  await waitUntilReady(page);
  await page.getByRole('radio', { name: 'trained:finance.jsonl', checked: true }).waitFor();
  expect((await ask(page, 'Which interest is paid?')).length).toBeGreaterThan(0);
  expectNoComplaints(opened);
});
