// `npm start`: builds the app if its sources changed, serves it on this machine together with a pinner, and prints their addresses.

import { resolve } from 'node:path';
import { PayableError } from '#lib/core/errors.ts';
import { startPinner } from '../server/pinner/start-pinner.ts';
import { isBuildFresh } from './house/is-build-fresh.ts';
import { serveFolder } from './house/static-server.ts';

const PINNER = { port: 4180, peerPort: 4181 };

// Pages served from here may use this pinner; users can name others.
process.env.PUBLIC_PAYABLE_PINNERS ??= `http://127.0.0.1:${PINNER.port}`;
if (await isBuildFresh()) {
  console.log('Nothing has changed since the app was built.');
} else {
  console.log('Building …');
  await import('./build.ts');
}

const { url, close } = await serveFolder(resolve('build'), { port: Number(process.env.PORT) || 4173 });
// The app works without a pinner, and another one may already be running.
const pinner = await startPinner({ folder: '.pinner', ...PINNER, log: console.error }).catch(
  (error: unknown) => void console.error(error instanceof PayableError ? error.toLine() : error),
);
if (pinner) console.log(`The pinner answers at ${pinner.url}`);
console.log(`\nPayable is running at ${url}\nPress Ctrl-C to stop.`);

const stop = () => void Promise.all([close(), pinner?.close()]).then(() => process.exit(0));
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
