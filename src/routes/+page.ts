// Until the app has a first page, `/` leads to the chat, with the query and the fragment of the address that was opened.

import { redirect } from '@sveltejs/kit';
import { resolve } from '$app/paths';

export function load({ url }: { url: URL }): never {
  // Kit hides the fragment from `load`. The browser's address has it, unless this is a link from another page.
  const hash = location.pathname === url.pathname ? location.hash : '';
  redirect(307, resolve('/(app)/chat') + url.search + hash);
}
