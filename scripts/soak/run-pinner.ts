// A pinner in a separate process, which the soak test kills: `node run-pinner.ts FOLDER WALLET` prints its address and a token of
// the wallet.

import { getAddress } from 'viem';
import { startPinner } from '../../server/pinner/start-pinner.ts';

const [folder = '', wallet = ''] = process.argv.slice(2);
const { url, tokens } = await startPinner({ folder, port: 0, peerPort: 0, log: (line) => console.error(line) });
console.log(JSON.stringify({ url, token: tokens.issue(getAddress(wallet), Date.now()).token }));
