// Checks for every state of a page: accessibility rules, and nothing wider than the screen, in the light theme on a desktop and
// in the dark theme on a phone. Colours depend only on the theme, widths only on the screen.

import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { violations } from './violations.ts';

const LOOKS = [
  ['light', 1280],
  ['dark', 360],
] as const;

export async function expectGoodLooks(page: Page) {
  for (const [colorScheme, width] of LOOKS) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 800 });
    expect(await violations(page), `${colorScheme} at ${width}`).toEqual([]);
    const wide = await page.evaluate(
      (most) =>
        [...document.querySelectorAll('body *')]
          .filter((element) => element.getBoundingClientRect().right > most)
          .map((element) => `${element.tagName} ${element.className} ${element.textContent.slice(0, 40)}`),
      width,
    );
    const isWide = (await page.evaluate(() => document.documentElement.scrollWidth)) > width;
    expect(isWide ? wide : [], `wider than ${width}`).toEqual([]);
  }
}
