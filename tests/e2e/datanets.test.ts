// The Datanets shipped with the built app: found in the list, opened, one row proven; and all of it again
// when the server is gone.

import { resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serveFolder } from '../../scripts/house/static-server.ts';
import { expectNoComplaints, launchBrowser, openPage, withWorker } from './support/browser.ts';
import { goTo } from './support/go-to.ts';
import { expectGoodLooks } from './support/looks.ts';
import { follow, part } from './support/wallet-page.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser('none');
});
afterAll(() => browser.close());

it('list, search, detail, shards on screen only, a row and its proof; and again offline', async () => {
  const served = await serveFolder(resolve('build'));
  const opened = await openPage(browser, withWorker);
  const { page } = opened;
  await goTo(page, served.url, 'token');
  await page.evaluate(() => navigator.serviceWorker.ready);
  await follow(page, 'Datanets');
  await page.getByText('5 of 5').waitFor();
  await expectGoodLooks(page);
  await page.getByLabel('Search').fill('weather');
  await page.getByText('No Datanet has these words').waitFor();
  await page.getByLabel('Search').fill('infusion pumps');
  await page.getByText('1 of 5').waitFor();
  await follow(page, 'Medical');

  await page.getByText('bafyreifzk45s7i75taieqka4xlaqkvlmuwxfugjjvsboxtnxwftawjceve').waitFor();
  expect(await part(page, 'Contributors').getByRole('row').count()).toBe(11);
  const table = part(page, 'All rows');
  const ids = table.getByRole('rowheader').getByRole('link');
  await ids.first().waitFor();
  expect(await ids.count()).toBeLessThan(240);
  await expectGoodLooks(page);
  await page.getByLabel('Search the rows').fill('pump');
  const status = page.getByRole('status').filter({ hasText: 'of 240 rows' });
  await expect.poll(() => status.innerText()).toMatch(/^60 of 240 rows, in \d.*\.$/);
  const found = part(page, 'Rows found').getByRole('row');
  expect(await found.nth(1).innerText()).toMatch(/pump/i);
  const fields = part(page, 'Fields').getByRole('group');
  await fields.filter({ hasText: 'contributor' }).locator('summary').click();
  const bars = page.getByRole('table', { name: 'Values of contributor' });
  expect(await bars.getByRole('row').count()).toBe(10);
  await bars.getByRole('button').first().click();
  const fromOne = await bars.getByRole('row').first().getByRole('cell').last().innerText();
  await expect.poll(() => status.innerText()).not.toMatch(/^60 /);
  const pumpsFromOne = parseInt(await status.innerText(), 10);
  await page.getByLabel('Search the rows').fill('');
  await expect.poll(() => status.innerText()).toMatch(new RegExp(`^${fromOne} of 240 rows`));
  expect(pumpsFromOne).toBeLessThan(Number(fromOne));
  await expectGoodLooks(page);
  await page.getByRole('search').getByLabel('Field').selectOption('messages');
  await page.getByLabel('must hold').selectOption('is empty');
  await page.getByRole('button', { name: 'Add filter' }).click();
  await page.getByText(/^No row has all of that, in [\d.]+ m?s\.$/).waitFor();
  const filters = page.getByRole('list', { name: 'Filters' }).getByRole('button');
  // A row is opened and left again, by Back and by its link: the search is unchanged, and nothing is read again.
  await filters.last().click();
  await page.getByLabel('Search the rows').fill('pump');
  await expect.poll(() => status.innerText()).toMatch(new RegExp(`^${pumpsFromOne} of`));
  await page.waitForURL(
    (url) => url.searchParams.get('q') === 'pump' && url.searchParams.getAll('filter').length === 1,
  );
  for (const back of [() => page.goBack(), () => page.getByRole('link', { name: '← Medical' }).click()]) {
    await found.getByRole('link').first().click();
    await page.getByText('Verified in this browser.').waitFor();
    await back();
    await expect.poll(() => status.innerText()).toMatch(new RegExp(`^${pumpsFromOne} of`));
    expect(await page.getByLabel('Search the rows').inputValue()).toBe('pump');
    expect(await page.getByText('Reading all rows').count()).toBe(0);
  }
  await page.reload();
  await expect.poll(() => status.innerText()).toMatch(new RegExp(`^${pumpsFromOne} of`));
  await page.getByLabel('Search the rows').fill('');
  while ((await filters.count()) > 0) await filters.first().click();
  await ids.first().waitFor();
  const first = await ids.first().innerText();
  await table.evaluate((element) => element.scrollTo(0, element.scrollHeight));
  // The first shard is released when it is out of sight.
  await expect.poll(() => ids.first().innerText()).not.toBe(first);
  const last = await ids.last().innerText();
  const top = await table.evaluate((element) => element.scrollTop);
  await ids.last().click();
  await page.getByText('Verified in this browser.').waitFor();
  const pageTop = await page.evaluate(() => window.scrollY);
  await page.goBack();
  await ids.filter({ hasText: last }).waitFor();
  expect(await table.evaluate((element) => element.scrollTop)).toBe(top);
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBeGreaterThan(pageTop);
  await ids.last().click();

  await page.getByText('Verified in this browser.').waitFor();
  await part(page, 'Proof').getByText('240 of 240').waitFor();
  await expectGoodLooks(page);
  const permalink = page.url();
  expect(
    await page
      .getByRole('link', { name: 'Permalink of this row' })
      .evaluate((link) => (link as HTMLAnchorElement).href),
  ).toBe(permalink);

  await served.close();
  await page.goto(permalink);
  await page.getByRole('heading', { level: 1, name: `Row ${last}` }).waitFor();
  await page.getByText('Verified in this browser.').waitFor();
  await page.getByRole('link', { name: '← Medical' }).click();
  await ids.first().waitFor();
  await page.getByRole('link', { name: '← Datanets' }).click();
  await page.getByText('5 of 5').waitFor();
  expectNoComplaints(opened);
});

it('a changed file is refused with a reason, and can be tried again', async () => {
  const served = await serveFolder(resolve('build'));
  const { page } = await openPage(browser);
  let isChanged = true;
  await page.route('**/datanets/retail.car', async (route) => {
    if (!isChanged) return route.continue();
    const body = await (await route.fetch()).body();
    body[body.length - 100]! ^= 1;
    await route.fulfill({ body });
  });
  await goTo(page, served.url, 'datanets/retail');
  await page.getByRole('alert').getByText('do not have the hash that its id names').waitFor();
  await expectGoodLooks(page);
  isChanged = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { level: 1, name: 'Fresh retail' }).waitFor();
  await goTo(page, served.url, 'datanets/weather');
  await page.getByRole('alert').getByText('There is no Datanet “weather”').waitFor();
  await served.close();
});
