// Accessibility: axe rules in both themes, keyboard, a narrow phone, and use without the network.

import { vitePreprocess, svelte } from '@sveltejs/vite-plugin-svelte';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { serveFolder } from '../../scripts/house/static-server.ts';
import { expectNoComplaints, launchBrowser, openPage, withWorker } from './support/browser.ts';
import { answerDone, ask, firstExample, openChat, waitUntilReady } from './support/chat-page.ts';
import { goTo } from './support/go-to.ts';
import { expectGoodLooks } from './support/looks.ts';
import { violations } from './support/violations.ts';
import { button, carryOut, drink, follow, makeWallet, openWallet, part } from './support/wallet-page.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser('software');
});
afterAll(() => browser.close());

const widths = (page: Page) => page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);

it('the check finds the two rules that a broken page violates', async () => {
  const { page } = await openPage(browser);
  await goTo(page, inject('appUrl'), 'chat');
  await page.evaluate(() => {
    document.body.innerHTML = '<main><h1>Broken</h1><img src="data:,"><p>Pale</p></main>';
    Object.assign(document.querySelector('p')!.style, { color: '#bbb', background: '#fff' });
  });
  expect((await violations(page)).map((one) => one.split(':')[0])).toEqual(['color-contrast', 'image-alt']);
});

it('no component breaks an accessibility rule in any state: hovered, pressed, busy, in a sheet', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'payable-states-'));
  await build({
    root: resolve('tests/pages/states'),
    configFile: false,
    logLevel: 'error',
    base: './',
    plugins: [svelte({ configFile: false, preprocess: vitePreprocess() })],
    build: { outDir: folder, emptyOutDir: true, target: 'es2022' },
  });
  const served = await serveFolder(folder);
  const { page, context } = await openPage(browser);
  const devtools = await context.newCDPSession(page);
  await devtools.send('DOM.enable');
  await devtools.send('CSS.enable');
  /** Applies these pseudo-classes to all elements at once. */
  async function force(...forcedPseudoClasses: string[]) {
    const { root } = await devtools.send('DOM.getDocument');
    const query = { nodeId: root.nodeId, selector: 'a, button, input, label, li, select, summary, textarea' };
    const { nodeIds } = await devtools.send('DOM.querySelectorAll', query);
    for (const nodeId of nodeIds) await devtools.send('CSS.forcePseudoState', { nodeId, forcedPseudoClasses });
    return nodeIds.length;
  }
  await page.goto(`${served.url}index.html`);
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByRole('button', { name: 'Edit this question' }).click();
  const shown = await page.locator('[data-component]').evaluateAll((all) => all.map((one) => one.dataset.component));
  const components = readdirSync('src/lib/ui', { recursive: true, encoding: 'utf8' }).flatMap(
    (file) => /(\w+)\.svelte$/.exec(file)?.[1] ?? [],
  );
  expect(shown.sort()).toEqual(components.sort());
  await expectGoodLooks(page);
  expect(await force('hover', 'active')).toBeGreaterThan(100);
  await expectGoodLooks(page);
  await force();
  await page.getByRole('button', { name: 'Open the sheet' }).click();
  await page.getByRole('dialog').waitFor();
  await expectGoodLooks(page);
  await page.goto('about:blank');
  await page.goto(`${served.url}index.html#waiting`);
  await page.getByPlaceholder('The model is loading').waitFor();
  await expectGoodLooks(page);
  await context.close();
  await served.close();
  rmSync(folder, { recursive: true });
});

describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
  it('breaks no accessibility rule, with a conversation and every sheet open', async () => {
    const opened = await openPage(browser, { colorScheme });
    const { page } = opened;
    await openChat(page, inject('appUrl'));
    expect(await violations(page)).toEqual([]);
    await firstExample(page).click();
    await answerDone(page, 1);
    expect(await violations(page)).toEqual([]);
    for (const open of ['Answer settings', 'Change']) {
      await page.getByRole('button', { name: open, exact: true }).click();
      await page.getByRole('dialog').waitFor();
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    expectNoComplaints(opened);
  });
});

it('fits a screen of 360 pixels, sheets included', async () => {
  const { page } = await openPage(browser, { viewport: { width: 360, height: 740 }, hasTouch: true });
  await openChat(page, inject('appUrl'));
  expect(await widths(page)).toEqual([360, 360]);
  await ask(page, `A word without end: ${'a'.repeat(200)}`);
  await answerDone(page, 1);
  await page.getByText('The prompt the model read').first().click();
  expect(await widths(page)).toEqual([360, 360]);
  expect(await violations(page)).toEqual([]);
  for (const name of ['Conversations', 'Model and device', 'Answer settings']) {
    await page.getByRole('button', { name, exact: true }).click();
    await page.getByRole('dialog').waitFor();
    expect(await widths(page)).toEqual([360, 360]);
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }
});

it('token, stake and governance break no accessibility rule and fit the screen, up to an open vote', async () => {
  const { page } = await openPage(browser);
  await openWallet(page, inject('appUrl'));
  await makeWallet(page, 'By this browser');
  await drink(page);
  for (const name of ['Token', 'Stake', 'Govern']) {
    await follow(page, name);
    await page.locator('dl.facts dd').first().waitFor();
    await expectGoodLooks(page);
  }
  const votes = part(page, 'Your votes');
  await button(page, 'Vote for investors and team of the sandbox').click();
  await votes.getByText('332,900,000 OPEN').waitFor();
  await carryOut(page, votes);
  const form = part(page, 'Propose');
  await form.getByRole('textbox', { name: 'Fee' }).fill('2.5');
  await form.getByLabel('Title').fill('A title without any place to break: '.padEnd(150, 'x'));
  await form.getByRole('button', { name: 'Check it first' }).click();
  await form.getByRole('button', { name: 'Send it' }).waitFor();
  await expectGoodLooks(page);
  await form.getByRole('button', { name: 'Send it' }).click();
  await button(page, 'Sign').click();
  await button(page, 'On to when the vote begins').click();
  await page.getByRole('article').getByText('The vote is on').waitFor();
  await expectGoodLooks(page);
});

it('navigation works by keyboard, on a phone too', async () => {
  const { page } = await openPage(browser, { viewport: { width: 360, height: 740 } });
  await openWallet(page, inject('appUrl'));
  await page.getByRole('heading', { level: 1, name: 'Wallet' }).waitFor();
  for (const name of ['Chat', 'Datanets', 'Factory', 'Models', 'Wallet', 'Channels', 'Token', 'Stake', 'Govern']) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const link = document.activeElement as HTMLElement;
      const { left, right } = link.getBoundingClientRect();
      return { name: link.innerText, isInSight: left >= 0 && right <= window.innerWidth };
    });
    expect(focused).toEqual({ name, isInSight: true });
  }
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Govern' }).waitFor();
  expect(await page.getByRole('link', { name: 'Govern' }).getAttribute('aria-current')).toBe('page');
});

it('the chat works by keyboard alone', async () => {
  const { page } = await openPage(browser);
  await openChat(page, inject('appUrl'));
  await page.getByLabel('Your question').focus();
  await page.keyboard.type('Hello');
  await page.keyboard.press('Enter');
  await answerDone(page, 1);
  await page.getByRole('button', { name: 'Answer settings' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  expect(await page.evaluate(() => document.querySelector('[role=dialog]')?.contains(document.activeElement))).toBe(
    true,
  );
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Answer settings');
});

it('works without the network after the first visit', async () => {
  const served = await serveFolder(resolve('build'));
  const { page } = await openPage(browser, withWorker);
  await openChat(page, served.url);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await served.close();
  await page.reload();
  await waitUntilReady(page);
  expect((await ask(page, 'Hello')).length).toBeGreaterThan(0);
  // The root leads to the chat, query and fragment included, and leaves no entry to go back to.
  const entries = await page.evaluate(() => history.length);
  await page.goto(`${served.url}?model=nano#end`);
  await page.waitForURL(`${served.url}chat?model=nano#end`);
  await waitUntilReady(page);
  expect(await page.evaluate(() => history.length)).toBe(entries + 1);
});
