// `npm start`: builds the app, serves it on this machine and prints where it is.

import { resolve } from 'node:path';
import { serveFolder } from './house/static-server.ts';

console.log('Building …');
await import('./build.ts');

const { url, close } = await serveFolder(resolve('build'), { port: Number(process.env.PORT) || 4173 });
console.log(`\nPayable is running at ${url}\nPress Ctrl-C to stop.`);

const stop = () => void close().then(() => process.exit(0));
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
