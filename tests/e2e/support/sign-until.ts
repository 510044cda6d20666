// Signs every request of a page until the awaited element is on screen.

import type { Locator, Page } from 'playwright-core';
import { button } from './wallet-page.ts';

export async function signUntil(page: Page, done: Locator) {
  const ask = button(page, 'Sign').or(button(page, 'Unlock and sign'));
  for (;;) {
    await done.or(ask).first().waitFor();
    if ((await ask.count()) === 0) return;
    // It may have disappeared in the meantime.
    await ask
      .first()
      .click({ timeout: 5_000 })
      .catch(() => undefined);
  }
}
