// Signs whatever a page asks for, until what is waited for is on screen.

import type { Locator, Page } from 'playwright-core';
import { button } from './wallet-page.ts';

export async function signUntil(page: Page, done: Locator) {
  const ask = button(page, 'Sign').or(button(page, 'Unlock and sign'));
  for (;;) {
    await done.or(ask).first().waitFor();
    if ((await ask.count()) === 0) return;
    // It may have gone meanwhile.
    await ask
      .first()
      .click({ timeout: 5_000 })
      .catch(() => undefined);
  }
}
