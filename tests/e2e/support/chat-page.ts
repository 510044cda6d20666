// The chat as a reader uses it: what is on screen, by the names a screen reader would say.

import type { Page } from 'playwright-core';
import { goTo } from './go-to.ts';

export async function openChat(page: Page, url: string) {
  await goTo(page, url, 'chat');
  await waitUntilReady(page);
}

/** The demo model is loaded when a question can be sent. Says why when it cannot be. */
export async function waitUntilReady(page: Page) {
  const ready = page.getByPlaceholder('Ask something');
  const problem = page.getByRole('alert');
  await ready.or(problem).first().waitFor({ timeout: 60_000 });
  if (await problem.count()) throw new Error(await problem.first().innerText());
}

export const answers = (page: Page) => page.locator('article[aria-busy]');

export async function answerDone(page: Page, count: number): Promise<string> {
  const answer = page.locator('article[aria-busy=false]').nth(count - 1);
  await answer.locator('footer button').first().waitFor({ timeout: 60_000 });
  return (await answer.locator('.text').innerText()).trim();
}

export async function ask(page: Page, question: string): Promise<string> {
  const before = await answers(page).count();
  await page.getByLabel('Your question').fill(question);
  await page.keyboard.press('Enter');
  return answerDone(page, before + 1);
}

/** The first example question on the empty page, for the adapter that is chosen. */
export const firstExample = (page: Page) => page.locator('.welcome li button').first();

export async function chooseAdapter(page: Page, name: string) {
  await page.getByRole('radio', { name, exact: true }).check({ force: true });
}
