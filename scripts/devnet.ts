// `npm run devnet [-- --port 8545] [--state FILE] [--network optimism]`: a local chain with persistent state, for work on the
// contracts and the app. Deploys missing contracts. Makes blocks on demand. Ctrl-C stores the state and ends it.

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { devnet } from '#lib/chain/chains.ts';
import { deployToDevnet } from './house/deploy-to-devnet.ts';
import { runAnvil } from './house/run-anvil.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8545' },
    state: { type: 'string', default: '.chain/state.json' },
    network: { type: 'string', default: 'ethereum' },
  },
});

function fail(what: string): never {
  console.error(what);
  process.exit(1);
}

const { network, state } = values;
const port = Number(values.port);
if (network !== 'ethereum' && network !== 'optimism') fail(`--network is ethereum or optimism, not "${network}".`);
if (!Number.isInteger(port) || port < 0 || port > 65_535) fail(`--port is a number up to 65535, not "${values.port}".`);

mkdirSync(dirname(state), { recursive: true });
const more = ['--state', state, '--state-interval', '5'];
const anvil = await runAnvil({ chainId: devnet.id, port, network, more }).catch((error: unknown) =>
  fail(error instanceof Error ? error.message : String(error)),
);
const deployed = await deployToDevnet(anvil.url).catch(async (error: unknown) => {
  await anvil.stop();
  fail(error instanceof Error ? error.message : String(error));
});
console.log(`Devnet is running.
  OPEN   ${deployed.open}${deployed.transactions === 0 ? '' : ` (contracts deployed in ${deployed.transactions} transactions)`}
  RPC    ${anvil.url}
  chain  ${devnet.id} (${devnet.name})
  state  ${state}
Ten accounts of the mnemonic "test test test test test test test test test test test junk" hold 10,000 ETH each.
Press Ctrl-C to stop.`);

const stop = () => void anvil.stop();
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
process.exitCode = await anvil.ended;
