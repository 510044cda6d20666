import { concatHex, getContractAddress, numberToHex } from 'viem';
import { describe, expect, it } from 'vitest';
import { CREATE2_DEPLOYER } from '#lib/chain/embedded/genesis.ts';
import { COUNTER, initCode } from '../../tests/support/embedded-chain.ts';
import { genesisAfter, type DeployerClients } from './build-genesis.ts';

const salt = numberToHex(0, { size: 32 });
const bytecode = initCode(COUNTER);
const counter = getContractAddress({ from: CREATE2_DEPLOYER.address, opcode: 'CREATE2', salt, bytecode });

async function deploy({ wallet }: DeployerClients) {
  const send = (to: `0x${string}`, data: `0x${string}`) => wallet.sendTransaction({ to, data, gas: 300_000n });
  await send(CREATE2_DEPLOYER.address, concatHex([salt, bytecode]));
  await send(counter, '0x');
}

describe('genesisAfter', () => {
  it('keeps contracts with their storage at their CREATE2 addresses, and no user accounts', async () => {
    const { accounts } = await genesisAfter(deploy);
    const byAddress = Object.fromEntries(accounts.map((account) => [account.address, account]));
    expect(Object.keys(byAddress).sort()).toEqual([CREATE2_DEPLOYER.address, counter.toLowerCase()].sort());
    expect(byAddress[counter.toLowerCase()]).toMatchObject({
      code: `0x${COUNTER}`,
      storage: [[numberToHex(0, { size: 32 }), '0x01']],
    });
  });

  it('gives the same bytes every time, with a timestamp not before the deployment', async () => {
    const [first, second] = [await genesisAfter(deploy), await genesisAfter(deploy)];
    expect(JSON.stringify(first)).toBe(JSON.stringify(second));
    expect(first.timestamp).toBe((await genesisAfter(async () => undefined)).timestamp + 2);
  });
});
