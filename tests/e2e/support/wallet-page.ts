// The wallet as a user sees it: elements by their accessible names.

import type { Locator, Page } from 'playwright-core';
import { goTo } from './go-to.ts';

export const openWallet = (page: Page, url: string) => goTo(page, url, 'wallet');

export const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

export async function makeWallet(page: Page, kept: 'By a passkey' | 'By this browser') {
  await page.getByRole('radio', { name: kept }).check();
  await button(page, 'Make the wallet').click();
  await page.getByRole('heading', { name: 'This device' }).waitFor();
}

export const addressOf = async (page: Page): Promise<string> =>
  (await page.locator('[data-address]').getAttribute('data-address'))!;

export const balance = (page: Page, text: string | RegExp) => page.locator('dd', { hasText: text });

export async function drink(page: Page) {
  await button(page, 'Get sandbox OPEN and ether').click();
  await balance(page, '1,000 OPEN').waitFor();
}

/** Replaces the sandbox by a saved one. */
export async function bringSandbox(page: Page, buffer: Buffer) {
  const saved = { name: 'sandbox.json', mimeType: 'application/json', buffer };
  await page.getByLabel('A saved sandbox').setInputFiles(saved);
  await button(page, 'Bring it in').click();
  await page.getByText('The sandbox is now the one of the file.').waitFor();
}

/** Fills the form and stops before the last button. */
export async function prepareSending(page: Page, amount: string, to: string) {
  await page.getByLabel('To', { exact: true }).fill(to);
  await page.getByLabel('Amount').fill(amount);
  await button(page, 'Check it first').click();
  await button(page, 'Send it').waitFor();
}

export async function words(page: Page): Promise<string[]> {
  const opener = button(page, 'Back up now').or(button(page, 'Show the backup words'));
  await opener.click();
  await page.getByText('Anyone who has these words controls the wallet').waitFor();
  await button(page, 'Show the words').click();
  // The words appear after the passkey prompt, and allInnerTexts() does not wait.
  const list = page.getByRole('list', { name: 'The twelve words' });
  await list.waitFor();
  return list.getByRole('listitem').allInnerTexts();
}

/** Goes to another page by its link, so that the wallet stays open. */
export async function follow(page: Page, name: string) {
  await page.getByRole('link', { name, exact: true }).click();
  await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
}

/** The part of a page under this heading. */
export const part = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true });

/** Carries out the form in `where`: checks, sends, and signs each of its transactions. */
export async function carryOut(page: Page, where: Locator, { first = 'Check it first', signatures = 1 } = {}) {
  await where.getByRole('button', { name: first, exact: true }).click();
  await where.getByRole('button', { name: 'Send it', exact: true }).click();
  for (let at = 1; at <= signatures; at++) {
    if (at > 1) await where.getByText(`Step ${at - 1} of ${signatures} is done`).waitFor();
    await button(page, 'Sign').or(button(page, 'Unlock and sign')).click();
  }
}
