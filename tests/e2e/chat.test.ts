// A real chat in a real browser: the demo model on WebGPU, its adapters, and what is kept.

import { resolve } from 'node:path';
import type { Browser, Request } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { expectNoComplaints, launchBrowser, openPage, type OpenPage, withWorker } from './support/browser.ts';
import {
  answerDone,
  answers,
  ask,
  chooseAdapter,
  firstExample,
  openChat,
  waitUntilReady,
} from './support/chat-page.ts';

let browser: Browser;
let opened: OpenPage;

beforeAll(async () => {
  browser = await launchBrowser('software');
  opened = await openPage(browser, { ...withWorker, permissions: ['clipboard-read', 'clipboard-write'] });
  await openChat(opened.page, inject('appUrl'));
});
afterAll(() => browser.close());
afterEach(() => expectNoComplaints(opened));

const newConversation = () => opened.page.getByRole('button', { name: 'New conversation' }).click();

describe('the first visit', () => {
  it('shows where the model runs, and that Nano is a toy', async () => {
    const { page } = opened;
    expect(await page.title()).toBe('Payable');
    expect(await page.locator('.masthead .mode').innerText()).toContain('WebGPU');
    const panel = page.getByRole('complementary', { name: 'Instrument' });
    const text = await panel.innerText();
    expect(text).toContain('toy model');
    expect(text).toContain('Nothing you write leaves it');
    expect(text).toMatch(/Weights\s+9\.9\d MB/);
    expect(await page.locator('.picker label').allInnerTexts()).toHaveLength(7);
  });
});

describe('an answer', () => {
  it('streams, and shows what was measured', async () => {
    const { page } = opened;
    await page.evaluate(() => {
      const seen = new Set<number>();
      Object.assign(window, { seenLengths: seen });
      new MutationObserver(() => {
        const text = document.querySelector('article[aria-busy=true] .text');
        if (text?.textContent) seen.add(text.textContent.length);
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    await firstExample(page).click();
    const text = await answerDone(page, 1);
    expect(text.length).toBeGreaterThan(10);
    expect(
      await page.evaluate(() => (window as unknown as { seenLengths: Set<number> }).seenLengths.size),
    ).toBeGreaterThan(3);
    const figures = await answers(page).first().locator('footer .figures').innerText();
    expect(figures).toMatch(/^\d+ tokens · [\d.]+ tokens\/s · first after [\d.]+ m?s · \d+ read/);
    expect(await page.locator('[aria-live=polite]').innerText()).toContain(text);
  });

  it('shows the prompt that the model read', async () => {
    const { page } = opened;
    const question = await page.locator('article').first().locator('p').innerText();
    const answer = answers(page).first();
    const summary = answer.getByText('The prompt the model read', { exact: false }).first();
    expect(await summary.innerText()).toMatch(/\d+ tokens$/);
    await summary.click();
    const prompt = await answer.getByRole('region', { name: 'The prompt the model read' }).innerText();
    expect(prompt).toBe(`<|im_start|>user\n${question}<|im_end|>\n<|im_start|>assistant\n`);
    await summary.click();
  });

  it('is copied as text', async () => {
    const { page } = opened;
    const text = await answers(page).first().locator('.text').innerText();
    await answers(page).first().getByRole('button', { name: 'Copy' }).click();
    await answers(page).first().getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(text.trim());
  });

  it('changes with the adapter, without loading anything again', async () => {
    const { page } = opened;
    const withAdapter = await answerDone(page, 1);
    await chooseAdapter(page, 'None');
    await page.getByRole('button', { name: 'Answer again' }).click();
    await page.locator('article[aria-busy=true]').waitFor({ state: 'detached' });
    const alone = await answerDone(page, 1);
    expect(alone).not.toBe(withAdapter);
    expect(await answers(page).first().locator('h3').innerText()).not.toContain('+');
  });

  it('can come from a blend with weights', async () => {
    const { page } = opened;
    await page.getByRole('radio', { name: 'Blend' }).check({ force: true });
    const sliders = page.getByRole('slider');
    expect(await sliders.count()).toBe(5);
    await sliders.first().focus();
    await page.keyboard.press('ArrowRight');
    expect(await sliders.first().getAttribute('aria-valuetext')).toBe('0.55');
    await ask(page, 'And what else is there?');
    const head = await answers(page).nth(1).locator('h3').innerText();
    expect(head.match(/\+\s.* 0\.5[05]/g)).toHaveLength(2);
  });

  it('stops on Escape and keeps what was written', async () => {
    const { page } = opened;
    await newConversation();
    await page.evaluate(() => {
      const observer = new MutationObserver(() => {
        const text = document.querySelector('article[aria-busy=true] .text');
        if (!text?.textContent) return;
        observer.disconnect();
        window.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
      });
      observer.observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    await firstExample(page).or(page.locator('.welcome')).first().waitFor();
    await ask(page, 'Tell me everything you know, one thing after the other.');
    expect(await page.getByText('Stopped.').count()).toBe(1);
    expect(await page.getByLabel('Your question').isEnabled()).toBe(true);
  });
});

describe('conversations', () => {
  it('keep Shift+Enter as a new line, and edit a question', async () => {
    const { page } = opened;
    await newConversation();
    await chooseAdapter(page, 'None');
    await page.getByLabel('Your question').fill('Hello');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('there');
    await page.keyboard.press('Enter');
    await answerDone(page, 1);
    expect(await page.locator('article').first().locator('p').innerText()).toBe('Hello\nthere');
    await page.getByRole('button', { name: 'Edit this question' }).click();
    await page.getByLabel('Edit the question').fill('Good morning');
    await page.getByRole('button', { name: 'Ask again' }).click();
    await page.locator('article p', { hasText: 'Good morning' }).waitFor();
    await answerDone(page, 1);
    expect(await page.locator('article').count()).toBe(2);
  });

  it('are there after a reload, with their figures; nothing of the model is fetched again', async () => {
    const { page } = opened;
    const before = await page.locator('article').allInnerTexts();
    const fetched: string[] = [];
    const note = (request: Request) => void fetched.push(new URL(request.url()).pathname);
    opened.context.on('request', note);
    await page.reload();
    await waitUntilReady(page);
    opened.context.off('request', note);
    expect(fetched.filter((path) => /\/models\/.*(?<!index\.json)$/.test(path))).toEqual([]);
    await answerDone(page, 1);
    expect(await page.locator('article').allInnerTexts()).toEqual(before);
  });

  it('are renamed, deleted and brought back', async () => {
    const { page } = opened;
    const list = page.getByRole('complementary', { name: 'Kept conversations' });
    const count = await list.locator('li').count();
    await list
      .getByRole('button', { name: /^Rename/ })
      .first()
      .click();
    await list.getByLabel('New name').fill('Greetings');
    await page.keyboard.press('Enter');
    await list.getByRole('button', { name: 'Delete “Greetings”' }).click();
    await page.getByText('“Greetings” was deleted.').waitFor();
    expect(await list.locator('li').count()).toBe(count - 1);
    await page.getByRole('button', { name: 'Undo' }).click();
    await list.getByRole('button', { name: 'Delete “Greetings”' }).waitFor();
    expect(await list.locator('li').count()).toBe(count);
    // The next action removes the note. Buttons of a row that is not open appear on hover.
    await list.getByText('Greetings', { exact: true }).hover();
    await list.getByRole('button', { name: 'Delete “Greetings”' }).click();
    const note = page.getByText('“Greetings” was deleted.');
    await note.waitFor();
    await list.getByRole('button', { name: 'New conversation' }).click();
    await note.waitFor({ state: 'detached' });
  });
});

describe('the user’s own folders', () => {
  it('are refused with a reason when they do not fit', async () => {
    const { page } = opened;
    await page.getByRole('button', { name: 'Change', exact: true }).click();
    const picker = page.locator('input[webkitdirectory]');
    await picker.setInputFiles(resolve('tests/fixtures/models/llama3/lora'));
    const note = page.getByRole('dialog').getByRole('alert');
    await note.waitFor();
    expect(await note.innerText()).toContain('another base');
    await picker.setInputFiles(resolve('docs'));
    await page.getByText('holds neither config.json nor adapter_config.json').waitFor();
    await page.keyboard.press('Escape');
  });

  it('load a model and then its adapter', async () => {
    const { page } = opened;
    await page.getByRole('button', { name: 'Change', exact: true }).click();
    await page.locator('input[webkitdirectory]').setInputFiles(resolve('static/models/nano/base'));
    await page.getByRole('heading', { name: 'base', exact: true }).waitFor({ timeout: 30_000 });
    await waitUntilReady(page);
    expect(await page.locator('.picker').count()).toBe(0);
    await page.getByRole('button', { name: 'Change', exact: true }).click();
    await page.locator('input[webkitdirectory]').setInputFiles(resolve('static/models/nano/adapters/medical'));
    await page.getByRole('radio', { name: 'medical' }).waitFor({ state: 'attached', timeout: 30_000 });
    expect(await page.getByRole('radio', { name: 'medical' }).isChecked()).toBe(true);
  });

  it('stay loaded during a visit to another page, with the conversation and the draft', async () => {
    const { page } = opened;
    const engine = page.workers().find((worker) => worker.url().includes('worker'));
    await newConversation();
    await ask(page, 'Hello');
    const address = page.url();
    expect(address).toContain('?c=');
    await page.getByLabel('Your question').fill('And then');
    const isAllThere = async () => {
      await page.getByLabel('Your question').waitFor();
      expect(await page.getByLabel('Your question').inputValue()).toBe('And then');
      expect(await page.getByRole('heading', { name: 'base', exact: true }).count()).toBe(1);
      expect(await page.getByRole('radio', { name: 'medical' }).isChecked()).toBe(true);
      expect(await answers(page).count()).toBe(1);
      expect(page.workers()).toContain(engine);
      expect(page.url()).toBe(address);
    };
    for (const back of [() => page.goBack(), () => page.getByRole('link', { name: 'Chat', exact: true }).click()]) {
      await page.getByRole('link', { name: 'Token', exact: true }).click();
      await page.getByRole('heading', { level: 1, name: 'Token' }).waitFor();
      await back();
      await isAllThere();
    }
    await page.getByLabel('Your question').fill('');
    await ask(page, 'And what else?');
  });

  it('an answer continues during a visit to another page', async () => {
    const { page } = opened;
    await page.getByLabel('Your question').fill('Tell me everything, one thing after the other.');
    await page.keyboard.press('Enter');
    await page.locator('article[aria-busy=true]').waitFor();
    await page.getByRole('link', { name: 'Token', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Token' }).waitFor();
    await page.goBack();
    expect((await answerDone(page, 3)).length).toBeGreaterThan(0);
  });

  it('a GGUF file loads as a model and answers', async () => {
    const { page } = opened;
    await page.getByRole('button', { name: 'Change', exact: true }).click();
    await page
      .getByLabel('Open a GGUF file', { exact: true })
      .setInputFiles(resolve('tests/fixtures/formats/qwen3-q.gguf'));
    await page.getByRole('heading', { name: 'qwen3-q.gguf', exact: true }).waitFor({ timeout: 30_000 });
    await waitUntilReady(page);
    await newConversation();
    await ask(page, 'hello');
  });
});
