// `npm run dev`: the app with live reload, for working on it.

import { createServer } from 'vite';

const server = await createServer({ server: { host: 'localhost' } });
await server.listen();
server.printUrls();
