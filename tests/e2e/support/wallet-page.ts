// The wallet as its user works it: what is on screen, by the names a screen reader would say.

import type { Page } from 'playwright-core';

export const openWallet = (page: Page, url: string) =>
  page.goto(new URL('wallet', `${url}/`.replace(/\/+$/, '/')).href);

export const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

export async function makeWallet(page: Page, kept: 'By a passkey' | 'By this browser') {
  await page.getByRole('radio', { name: kept }).check();
  await button(page, 'Make the wallet').click();
  await page.getByRole('heading', { name: 'This device' }).waitFor();
}

export const addressOf = async (page: Page): Promise<string> =>
  (await page.locator('[data-address]').getAttribute('data-address'))!;

export const balance = (page: Page, text: string) => page.locator('dd', { hasText: text });

export async function drink(page: Page) {
  await button(page, 'Get sandbox OPEN and ether').click();
  await balance(page, '1,000 OPEN').waitFor();
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
  await button(page, 'Show the words').click();
  return page.getByRole('list', { name: 'The twelve words' }).getByRole('listitem').allInnerTexts();
}
