// Rows for members only, in the sandbox of one browser: a card is made and admitted, rows are sealed, published, shown as sealed, and
// opened by the wallet; once the key is destroyed they stay closed.

import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { PNG } from '../support/import-files.ts';
import { launchBrowser, openPage } from './support/browser.ts';
import { goTo } from './support/go-to.ts';
import { expectGoodLooks } from './support/looks.ts';
import { signUntil } from './support/sign-until.ts';
import { button, drink, makeWallet, openWallet, part } from './support/wallet-page.ts';

const isDrawn = (picture: Locator) =>
  expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth), { timeout: 20_000 }).toBe(1);

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser('none');
});
afterAll(() => browser.close());

it('rows are sealed for members, opened by a member, and unreadable once their key is destroyed', async () => {
  const { page } = await openPage(browser);
  const url = inject('appUrl');
  await openWallet(page, url);
  await makeWallet(page, 'By this browser');
  await drink(page);
  await goTo(page, url, 'datanets/new');
  await page.getByLabel('Name', { exact: true }).fill('Night birds');
  await button(page, 'Check it first').click();
  await signUntil(page, button(page, 'Send it'));
  await button(page, 'Send it').click();
  await signUntil(page, page.getByRole('heading', { level: 1, name: 'Night birds' }));
  const id = new URL(page.url()).pathname.split('/').at(-1)!;

  await goTo(page, url, `datanets/${id}/members`);
  await page.getByText('There are none yet. Rows that are sealed now').waitFor();
  await button(page, 'Make my card').click();
  await signUntil(page, page.getByLabel('Your card'));
  await page.getByLabel('The member’s card').fill(await page.getByLabel('Your card').inputValue());
  const admit = part(page, 'Admit a member');
  await admit.getByRole('button', { name: 'Check it first' }).first().click();
  await button(page, 'Send it').click();
  await signUntil(page, part(page, 'Who they are').getByRole('listitem'));
  await expectGoodLooks(page);

  await goTo(page, url, `datanets/${id}/contribute`);
  // A table in an old encoding with unknown column names: the user says how to read it.
  const table = Buffer.from('Eule;Zahl\nSchleiereule f\u00fcr Ada;3\nUhu;4\n', 'latin1');
  await page.getByLabel('Choose a file').setInputFiles({ name: 'eulen.csv', mimeType: 'text/csv', buffer: table });
  await page.getByText('not valid UTF-8').waitFor();
  await page.getByLabel('Encoding of a text').fill('windows-1252');
  await button(page, 'Read it so').click();
  await page.getByText('say below how its fields are read').waitFor();
  await page.getByLabel('Each record is').selectOption('a conversation');
  await expectGoodLooks(page);
  await page.getByLabel('Each record is').selectOption('a row, unchanged');
  await page.getByRole('checkbox', { name: 'Zahl' }).check();
  await button(page, 'Read it so').click();
  await page.getByText('Schleiereule für Ada').waitFor();
  await expectGoodLooks(page);

  const text = Array.from({ length: 40 }, (_, n) =>
    JSON.stringify({ id: `owl-${n + 10}`, text: `Owl ${n * 7919} hoots.` }),
  );
  const buffer = Buffer.from(`${text.join('\n')}\n`);
  await page.getByLabel('Choose a file').setInputFiles({ name: 'owls.jsonl', mimeType: 'application/jsonl', buffer });
  await button(page, 'Look at all of it').click();
  await page.getByRole('radio', { name: 'Members only, sealed' }).check();
  await button(page, 'Sign and contribute').click();
  await signUntil(page, part(page, 'On their way').getByText('on the chain'));

  // Pictures: two public ones, of which one is no picture at all; then one for members.
  await goTo(page, url, `datanets/${id}/contribute`);
  const owl = { name: 'owl.png', mimeType: 'image/png', buffer: Buffer.from(PNG) };
  await page.getByLabel('Choose a file').setInputFiles([owl, { ...owl, name: 'x.png', buffer: Buffer.from('no') }]);
  await page.getByText('it is not a picture').waitFor();
  const nest = { ...owl, name: 'nest.png', buffer: Buffer.concat([PNG, Buffer.from([1])]) };
  await page.getByLabel('Choose a file').setInputFiles([owl, nest]);
  await page.getByText('2 pictures', { exact: true }).waitFor();
  await button(page, 'Look at all of it').click();
  await expectGoodLooks(page);
  await button(page, 'Sign and contribute').click();
  await signUntil(page, part(page, 'On their way').getByText('on the chain').nth(1));
  await button(page, 'Contribute more').click();
  const secret = { ...owl, name: 'secret.png', buffer: Buffer.concat([PNG, Buffer.from([2, 2])]) };
  await page.getByLabel('Choose a file').setInputFiles([secret]);
  await button(page, 'Look at all of it').click();
  await page.getByRole('radio', { name: 'Members only, sealed' }).check();
  await button(page, 'Sign and contribute').click();
  await signUntil(page, part(page, 'On their way').getByText('on the chain').nth(2));

  await goTo(page, url, `datanets/${id}/review`);
  await button(page, 'Review contribution 1').click();
  await page.getByRole('button', { name: /^Accept the rest/ }).click();
  await button(page, 'Sign the judgement').click();
  await signUntil(page, page.getByText('Contribution 1 is judged'));
  await button(page, 'Review contribution 2').click();
  await isDrawn(page.getByRole('img', { name: 'owl.png' }));
  await isDrawn(page.getByRole('img', { name: 'nest.png' }));
  await expectGoodLooks(page);
  await page.getByRole('button', { name: /^Accept the rest/ }).click();
  await button(page, 'Sign the judgement').click();
  await signUntil(page, page.getByText('Contribution 2 is judged'));
  await button(page, 'Review contribution 3').click();
  await button(page, 'Reject all of it').click();
  await button(page, 'Reject it').click();
  await signUntil(page, page.getByText('Contribution 3 is judged'));

  // Curators can read a long appeal.
  await goTo(page, url, `datanets/${id}/versions`);
  const own = part(page, 'What you contributed').getByRole('listitem').filter({ hasText: 'Contribution 3' });
  await own.getByText('Appeal', { exact: true }).click();
  await own
    .getByLabel('Why it should be looked at again')
    .fill('It is a nest that nobody has seen in a hundred years.');
  await expectGoodLooks(page);
  await own.getByRole('button', { name: 'Check it first' }).first().click();
  await own.getByRole('button', { name: 'Send it' }).click();
  await signUntil(page, own.getByText('appealed'));
  await goTo(page, url, `datanets/${id}/review`);
  await page.getByText('that nobody has seen in a hundred years').waitFor();
  await button(page, 'Review contribution 3').click();
  await page.getByRole('button', { name: /^Accept the rest/ }).click();
  await button(page, 'Sign the judgement').click();
  await signUntil(page, page.getByText('Contribution 3 is judged'));
  await page.getByText('takes contributions 1, 2, and 3, of 43 rows before review').waitFor();
  await button(page, 'Publish the next version').click();
  await signUntil(page, page.getByText('Version 1 is published'));

  await goTo(page, url, `datanets/${id}/row?version=1&row=owl-12`);
  await page.getByText('Verified in this browser').waitFor();
  expect(await page.getByText('hoots').count()).toBe(0);
  await button(page, 'Open it with my key').click();
  await signUntil(page, page.getByText('Owl 15838 hoots.'));
  await expectGoodLooks(page);

  await goTo(page, url, `datanets/${id}`);
  const closed = part(page, 'All rows').getByRole('row').filter({ hasText: 'sealed, for members', hasNotText: 'owl' });
  await closed.getByRole('link').click();
  await page.getByText('Verified in this browser').waitFor();
  await button(page, 'Open it with my key').click();
  await signUntil(page, page.getByRole('img', { name: 'secret.png' }));
  await isDrawn(page.getByRole('img', { name: 'secret.png' }));
  await expectGoodLooks(page);

  await goTo(page, url, `datanets/${id}/members`);
  for (let left = 2; left > 0; left--) {
    await expect.poll(() => button(page, 'Destroy the key').count()).toBe(left);
    await button(page, 'Destroy the key').first().click();
    await button(page, 'Destroy it').click();
  }
  await button(page, 'Destroy the key').waitFor({ state: 'detached' });
  await goTo(page, url, `datanets/${id}/row?version=1&row=owl-12`);
  await button(page, 'Open it with my key').click();
  await signUntil(page, page.getByText('these rows were withdrawn'));

  await goTo(page, url, `datanets/${id}/settings`);
  await part(page, 'What it says of itself').getByLabel('Tags').waitFor();
  await expectGoodLooks(page);
  await page.getByLabel('Name', { exact: true }).fill('Night owls');
  await page.getByLabel('Tags').fill('owls, night');
  await part(page, 'What it says of itself').getByRole('button', { name: 'Check it first' }).click();
  await signUntil(page, button(page, 'Send it'));
  await button(page, 'Send it').click();
  await signUntil(page, page.getByRole('heading', { level: 1, name: 'Night owls: Settings' }));
  const curator = `0x${'c'.repeat(40)}`;
  await part(page, 'Name a curator').getByLabel('Address').fill(curator);
  await part(page, 'Name a curator').getByRole('button', { name: 'Check it first' }).click();
  await button(page, 'Send it').click();
  await signUntil(page, part(page, 'Curators').getByText(curator, { exact: false }));
  await goTo(page, url, 'datanets');
  await page.getByRole('link', { name: 'Night owls' }).waitFor();
  await page.getByLabel('Field or tag').selectOption('night');
  await page.getByText('1 of').waitFor();
});
