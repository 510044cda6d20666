// Opens one of the app's pages by its path.

import type { Page } from 'playwright-core';

/** `url` is the app's address; `path` is relative to it. */
export const goTo = (page: Page, url: string, path: string) =>
  page.goto(new URL(path, `${url}/`.replace(/\/+$/, '/')).href);
