// The app is static files with one fallback page; its policy allows no script from elsewhere, and connections only encrypted or
// to the reader's own machine.

import adapter from '@sveltejs/adapter-static';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

// A devnet runs on the reader's own machine; another chain is where the operator said when building.
const configured = process.env.PUBLIC_PAYABLE_CHAIN;
/** @typedef {`http${'s' | ''}://${string}.${string}`} Origin */
/** @type {Origin[]} */
const chainOrigins = ['http://127.0.0.1:8545'];
// Which pinners and peers are asked is the reader's choice, made on a page.
/** @type {('https:' | 'wss:' | Origin | `ws://${string}.${string}`)[]} */
const pinnerOrigins = ['https:', 'wss:', 'http://127.0.0.1:*', 'ws://127.0.0.1:*'];
if (configured) chainOrigins.push(/** @type {Origin} */ (new URL(JSON.parse(configured).rpcUrl).origin));

/** @type {import('@sveltejs/kit').Config} */
export default {
  preprocess: vitePreprocess(),
  kit: {
    adapter: adapter({ fallback: '200.html' }),
    serviceWorker: { register: false },
    // The time of building would give every build other names; scripts/build.ts names it by what goes in.
    version: { name: process.env.PAYABLE_BUILD ?? 'unnamed' },
    csp: {
      mode: 'hash',
      directives: {
        'default-src': ['self'],
        'script-src': ['self', 'wasm-unsafe-eval'],
        'style-src': ['self'],
        // The one style attribute in the markup is Kit's own, of the element that announces page changes.
        'style-src-attr': ['unsafe-hashes', 'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo='],
        'img-src': ['self', 'data:', 'blob:'],
        'connect-src': ['self', 'blob:', ...chainOrigins, ...pinnerOrigins],
        'worker-src': ['self'],
        'object-src': ['none'],
        'base-uri': ['none'],
        'form-action': ['none'],
      },
    },
  },
};
