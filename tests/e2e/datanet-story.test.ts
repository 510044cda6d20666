// A Datanet in two browsers that share only a chain and a pinner: one contributes and closes the tab, with the connection to the
// pinner down at first; the other fetches, proves, reviews by keyboard and publishes; the first comes back and sees it.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { createTestClient, http, parseEther, publicActions, type Address } from 'viem';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { devnet } from '#lib/chain/chains.ts';
import { deployToDevnet } from '../../scripts/house/deploy-to-devnet.ts';
import { startPinner, type Pinner } from '../../server/pinner/start-pinner.ts';
import { startAnvil } from '../support/anvil.ts';
import { rawWords } from '../support/raw-words.ts';
import { launchBrowser, openPage } from './support/browser.ts';
import { goTo } from './support/go-to.ts';
import { expectGoodLooks } from './support/looks.ts';
import { signUntil } from './support/sign-until.ts';
import { serveChain } from './support/test-wallet.ts';
import { addressOf, button, carryOut, makeWallet, openWallet, part } from './support/wallet-page.ts';

let browser: Browser;
let anvil: Awaited<ReturnType<typeof startAnvil>>;
let pinner: Pinner;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'two-browsers-'));
  [browser, anvil, pinner] = await Promise.all([
    launchBrowser('none'),
    startAnvil(devnet.id),
    startPinner({ folder, port: 0, peerPort: 0, log: () => undefined }),
  ]);
  await deployToDevnet(anvil.url);
});
afterAll(async () => {
  await browser.close();
  await anvil.stop();
  await pinner.close();
  await rm(folder, { recursive: true, force: true });
});

/** A separate profile on the devnet, with a wallet that has ether, and the pinner configured. */
async function person() {
  const { page, context } = await openPage(browser);
  await serveChain(page, devnet.rpcUrls.default.http[0], anvil.url);
  const url = inject('appUrl');
  await openWallet(page, url);
  await page.getByLabel('Chain', { exact: true }).selectOption('Payable devnet');
  await makeWallet(page, 'By this browser');
  const address = (await addressOf(page)) as Address;
  const node = createTestClient({ chain: devnet, transport: http(anvil.url), mode: 'anvil' }).extend(publicActions);
  await node.setBalance({ address, value: parseEther('5') });
  await goTo(page, url, 'datanets/storage');
  await page.getByLabel('Address of a pinner').fill(pinner.url);
  await button(page, 'Check and add it').click();
  await page.getByText('answered and was added').waitFor();
  return { page, context, url };
}

const rows = Array.from({ length: 1000 }, (_, n) => ({
  id: `bird-${String(n).padStart(4, '0')}`,
  text: `Bird ${n * 7919} was heard ${n} times beyond hill ${n % 13}.`,
}));
const file = {
  name: 'birds.jsonl',
  mimeType: 'application/jsonl',
  buffer: Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join('')),
};

it(
  'a contribution made offline is sent after a reload, reviewed and published elsewhere, and seen by both',
  { timeout: 300_000 },
  async () => {
    const ben = await person();
    await goTo(ben.page, ben.url, 'datanets/new');
    await ben.page.getByLabel('Name', { exact: true }).fill('Rare birds');
    await ben.page.getByLabel('What belongs into it').fill('Seen or heard, where and when.');
    await ben.page.getByLabel('Tags').fill('birds, field notes');
    await expectGoodLooks(ben.page);
    // A check asks for no signature and keeps nothing. The purpose of a signature is shown before it, and declining is reported.
    await button(ben.page, 'Check it first').click();
    await button(ben.page, 'Send it').click();
    await ben.page.getByText(`goes to ${new URL(pinner.url).host} first. Where you are not signed in yet`).waitFor();
    const sheet = ben.page.getByRole('dialog', { name: `Sign in at ${new URL(pinner.url).host}` });
    await sheet.getByText('It costs nothing, sends nothing to the chain').waitFor();
    await button(ben.page, 'Decline').click();
    await ben.page.getByText('You declined to sign, so nothing was sent').waitFor();
    await expectGoodLooks(ben.page);
    await button(ben.page, 'Send it').click();
    await signUntil(ben.page, ben.page.getByRole('heading', { level: 1, name: 'Rare birds' }));
    await ben.page.getByText('Nothing has been published yet').waitFor();
    const id = new URL(ben.page.url()).pathname.split('/').at(-1)!;

    const ada = await person();
    await goTo(ada.page, ada.url, `datanets/${id}/contribute`);
    await ada.page.getByLabel('Choose a file').setInputFiles(file);
    await ada.page.getByText('read as text').waitFor();
    await button(ada.page, 'Look at all of it').click();
    await ada.page.getByText('Rows that can be used').waitFor();
    await expectGoodLooks(ada.page);
    // The pinner cannot be reached: the signed contribution is kept, and the page says why it waits.
    await ada.page.route(`${pinner.url}**`, (route) => route.abort());
    await button(ada.page, 'Sign and contribute').click();
    await signUntil(ada.page, part(ada.page, 'On their way').getByText('it cannot be reached'));
    await ada.page.close();

    const again = await ada.context.newPage();
    await serveChain(again, devnet.rpcUrls.default.http[0], anvil.url);
    await goTo(again, ada.url, 'datanets');
    await part(again, 'On their way').getByText('signed and kept on this device').waitFor();
    await expectGoodLooks(again);
    await button(again, 'Send now').click();
    await signUntil(again, again.getByText('3 of', { exact: false }).or(again.getByText('1 to review')));
    await again.close();

    // Ben's browser has only what the chain and the pinner give.
    const { page } = ben;
    await goTo(page, ben.url, `datanets/${id}/review`);
    await button(page, 'Review contribution 1').click();
    const desk = part(page, 'Contribution 1');
    const first = desk.getByRole('group', { name: 'Row bird-0000' });
    await first.waitFor();
    await expectGoodLooks(page);
    // The keys work at once, and after clicking a button of a row as well.
    await page.keyboard.press('r');
    await desk.getByText('0 rows are accepted, 1 rejected, 999 not decided').waitFor();
    await page.keyboard.press('j');
    await desk.getByRole('group', { name: 'Row bird-0001, not decided' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.press('r');
    await page.keyboard.press('u');
    await desk.getByText('0 rows are accepted, 1 rejected, 999 not decided').waitFor();
    await desk.getByRole('button', { name: 'Accept', exact: true }).nth(1).click();
    await page.keyboard.press('j');
    await page.keyboard.press('a');
    await desk.getByRole('group', { name: 'Row bird-0002, accepted' }).waitFor();
    await desk.getByText('2 rows are accepted, 1 rejected, 997 not decided').waitFor();
    // Signing needs a decision on every row. Decisions and the open contribution survive a reload; Back leads to the queue.
    expect(await button(page, 'Sign the judgement').isDisabled()).toBe(true);
    await page.reload();
    await desk.getByText('2 rows are accepted, 1 rejected, 997 not decided').waitFor();
    await page.goBack();
    await button(page, 'Review contribution 1').waitFor();
    await page.goForward();
    await button(page, 'Accept the rest (997 rows not looked at)').click();
    await button(page, 'Sign the judgement').and(page.locator(':focus')).waitFor();
    await button(page, 'Sign the judgement').click();
    await button(page, 'Sign').or(button(page, 'Unlock and sign')).waitFor();
    expect(rawWords([await page.getByRole('dialog').innerText()])).toEqual([]);
    await signUntil(page, page.getByText('Contribution 1 is judged'));
    await button(page, 'Publish the next version').click();
    await signUntil(page, page.getByText('Version 1 is published'));
    await expectGoodLooks(page);

    const back = await ada.context.newPage();
    await serveChain(back, devnet.rpcUrls.default.http[0], anvil.url);
    await goTo(back, ada.url, 'datanets');
    await back.getByText('999 rows · 1 version').waitFor();
    await back.getByRole('link', { name: 'Rare birds' }).click();
    await part(back, 'All rows').getByText('bird-0001').waitFor();
    await back.getByText('999 rows').first().waitFor();
    await part(back, 'All rows').getByRole('link', { name: 'bird-0001' }).click();
    await back.getByText('Verified in this browser').waitFor();
    await goTo(back, ada.url, `datanets/${id}/versions`);
    await part(back, 'What you contributed').getByText('1 of its rows were not taken').waitFor();
    await expectGoodLooks(back);
    await goTo(back, ada.url, `datanets/${id}/copies`);
    await back.getByText('One copy', { exact: true }).waitFor();
    await expectGoodLooks(back);
    await button(back, 'Keep it here').click();
    await back.getByText('2 copies').waitFor();
    await button(back, 'Verify my copy').click();
    await back.getByText('0 are not here, 0 are').waitFor();

    // After withdrawal there is nothing left to publish, and the page says so.
    await goTo(back, ada.url, `datanets/${id}/versions`);
    await part(back, 'What you contributed').getByText('Take it back').click();
    await carryOut(back, part(back, 'What you contributed'));
    await part(back, 'What you contributed').getByText('taken back').waitFor();
    await goTo(page, ben.url, `datanets/${id}/review`);
    await button(page, 'Publish the next version').click();
    await page.getByText('there is no row').waitFor();
    expect(await page.getByText('Version 2 is published').count()).toBe(0);

    // Another account pays: two offers wait at the pinner, and are sent to the chain together.
    for (const [at, name] of ['owls', 'larks'].entries()) {
      await goTo(back, ada.url, `datanets/${id}/contribute`);
      const row = { id: name, text: `The ${name} were heard on night ${at + 1}.` };
      await back
        .getByLabel('Choose a file')
        .setInputFiles({ ...file, name: `${name}.jsonl`, buffer: Buffer.from(`${JSON.stringify(row)}\n`) });
      await button(back, 'Look at all of it').click();
      await back.getByText('Rows that can be used').waitFor();
      await back.getByLabel('The curators or a sponsor').check();
      await button(back, 'Sign and contribute').click();
      const waiting = part(back, 'On their way').getByText(
        `It waits there for curators who use ${new URL(pinner.url).host}`,
      );
      await signUntil(back, waiting.nth(at));
    }
    await goTo(page, ben.url, `datanets/${id}/review`);
    const offers = part(page, 'Offers');
    await offers.getByRole('checkbox').nth(1).waitFor();
    await expectGoodLooks(page);
    await offers.getByRole('button', { name: 'Choose all', exact: true }).click();
    await carryOut(page, offers);
    await page.getByRole('button', { name: 'Review contribution 3' }).waitFor();
    await offers.getByText('None waits at the pinners you named').waitFor();
    await goTo(back, ada.url, 'datanets');
    await button(back, 'Send now').click();
    // No offers are left.
    await signUntil(back, back.locator('main:not(:has(#outbox))'));
  },
);
