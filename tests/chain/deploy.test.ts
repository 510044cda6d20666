// Deployment on anvil and on the embedded chain: equal addresses, correct roles, nothing deployed twice.

import { readdirSync, readFileSync } from 'node:fs';
import {
  createPublicClient,
  custom,
  http,
  parseEther,
  toFunctionSelector,
  getAbiItem,
  zeroAddress,
  zeroHash,
} from 'viem';
import type { AbiFunction, Address } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import addresses from '#lib/chain/addresses.json' with { type: 'json' };
import { accessManagerAbi } from '#lib/chain/abi/access-manager.ts';
import { genesisAbi } from '#lib/chain/abi/genesis.ts';
import { openTokenAbi } from '#lib/chain/abi/open-token.ts';
import { nodeRegistryAbi } from '#lib/chain/abi/node-registry.ts';
import { settlementAbi } from '#lib/chain/abi/settlement.ts';
import { timelockControllerAbi } from '#lib/chain/abi/timelock-controller.ts';
import { embedded } from '#lib/chain/chains.ts';
import code from '#lib/chain/deploy/init-code.json' with { type: 'json' };
import { planDeployment, type CreationCode } from '#lib/chain/deploy/plan.ts';
import { runDeployment, type DeployClients, type DeployEvent } from '#lib/chain/deploy/run.ts';
import { SANDBOX_PARTIES } from '#lib/chain/deploy/sandbox-parties.ts';
import { RESTRICTIONS, ROLES } from '#lib/chain/deploy/wiring.ts';
import { startAnvil } from '../support/anvil.ts';
import { alice, bob, clientsOver, createTestNode } from '../support/embedded-chain.ts';

const plan = planDeployment(code as CreationCode, SANDBOX_PARTIES);
const { addresses: at, parties } = plan;

async function deploy(clients: DeployClients, signal?: AbortSignal, each?: (event: DeployEvent) => void) {
  const events: DeployEvent[] = [];
  for await (const event of runDeployment(plan, clients, signal ? { signal } : {})) {
    events.push(event);
    each?.(event);
  }
  const last = events.at(-1)!;
  if (last.kind !== 'done') throw new Error('a run ends with its count');
  return { events, transactions: last.transactions };
}

it('plans the addresses that the app ships', () => {
  expect(at).toEqual(addresses);
  expect(new Set(Object.values(at)).size).toBe(Object.keys(at).length);
});

it('gives every restricted function to a role', () => {
  const restricted = readdirSync('contracts/src', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.sol'))
    .flatMap((path) => [
      ...readFileSync(`contracts/src/${path}`, 'utf8').matchAll(/function (\w+)\([^{;]*?\brestricted\b/gs),
    ])
    .map(([, name]) => name!);
  const given = RESTRICTIONS.flatMap(({ roles }) => Object.values(roles).flat());
  expect(restricted.length).toBeGreaterThan(8);
  // The admin wires the ledger, once.
  given.push('wire');
  expect([...new Set(given)].sort()).toEqual([...new Set(restricted)].sort());
});

describe.each(['anvil', 'embedded'])('on %s', (where) => {
  let clients: DeployClients;
  let stop = async () => {};

  beforeAll(async () => {
    if (where === 'embedded') {
      clients = createTestNode();
      return;
    }
    const anvil = await startAnvil(embedded.id);
    stop = () => anvil.stop();
    clients = clientsOver(http(anvil.url), alice);
  });
  afterAll(() => stop());

  it('stops on abort and keeps what was deployed', async () => {
    const abort = new AbortController();
    let deployed = 0;
    const first = deploy(clients, abort.signal, (event) => {
      if (event.kind === 'deployed' && ++deployed === 5) abort.abort();
    });
    await expect(first).rejects.toThrow();
    expect(deployed).toBe(5);
  });

  it('resumes where it stopped, and then has nothing left to do', async () => {
    const { events, transactions } = await deploy(clients);
    expect(events.filter(({ kind }) => kind === 'found')).toHaveLength(5);
    expect(events.filter(({ kind }) => kind === 'deployed')).toHaveLength(plan.contracts.length - 5);
    expect(transactions).toBe(plan.contracts.length - 5 + 6);
    const again = await deploy(clients);
    expect(again.transactions).toBe(0);
    expect(again.events.every(({ kind }) => kind !== 'deployed' && kind !== 'wired')).toBe(true);
  });

  it('puts every contract at the address that the app expects', async () => {
    for (const address of Object.values(addresses) as Address[]) {
      expect(await clients.reader.getCode({ address }), address).toMatch(/^0x[0-9a-f]{100,}/);
    }
    const staked = { address: at.NodeRegistry, abi: nodeRegistryAbi, functionName: 'staked' } as const;
    expect(await clients.reader.readContract(staked)).toBe(at.StakedOpen);
  });

  it('distributes the whole supply', async () => {
    const { reader } = clients;
    const buckets = await reader.readContract({ address: at.Genesis, abi: genesisAbi, functionName: 'buckets' });
    let sum = 0n;
    for (const { holder, amount } of buckets) {
      const held = { address: at.OpenToken, abi: openTokenAbi, functionName: 'balanceOf', args: [holder] } as const;
      expect(await reader.readContract(held)).toBe(amount);
      sum += amount;
    }
    expect(sum).toBe(parseEther('1000000000'));
    expect(buckets.find(({ holder }) => holder === parties.liquidity)?.amount).toBe(parseEther('50000000'));
  });

  it('leaves each role with its holder and the founder with none', async () => {
    const { reader } = clients;
    const holds = async (role: keyof typeof ROLES, who: Address) => {
      const args = [ROLES[role], who] as const;
      const question = { address: at.AccessManager, abi: accessManagerAbi, functionName: 'hasRole', args } as const;
      return (await reader.readContract(question))[0];
    };
    const holders: Record<keyof typeof ROLES, Address> = {
      ADMIN: at.TimelockController,
      PARAM: at.TimelockController,
      PAUSER: parties.guardian,
      ISSUER: parties.issuer,
    };
    for (const [role, holder] of Object.entries(holders) as [keyof typeof ROLES, Address][]) {
      expect(await holds(role, holder), role).toBe(true);
      expect(await holds(role, parties.founder), role).toBe(false);
    }
    for (const { of, abi, roles } of RESTRICTIONS) {
      for (const [role, functions] of Object.entries(roles)) {
        for (const name of functions) {
          const selector = toFunctionSelector(getAbiItem({ abi, name }) as AbiFunction);
          const question = {
            address: at.AccessManager,
            abi: accessManagerAbi,
            functionName: 'getTargetFunctionRole',
          } as const;
          const found = await reader.readContract({ ...question, args: [at[of], selector] });
          expect(found, `${of}.${name}`).toBe(ROLES[role as keyof typeof ROLES]);
        }
      }
    }
  });

  it('leaves no role to an account that is not listed here', async () => {
    const rolesIn = async (address: Address, abi: typeof accessManagerAbi | typeof timelockControllerAbi) => {
      const events = await clients.reader.getContractEvents({ address, abi, fromBlock: 0n, strict: true });
      const held = new Set<string>();
      for (const { eventName, args } of events) {
        if (eventName !== 'RoleGranted' && eventName !== 'RoleRevoked') continue;
        const key = `${'roleId' in args ? args.roleId : args.role} ${args.account}`;
        if (eventName === 'RoleGranted') held.add(key);
        else held.delete(key);
      }
      return [...held].sort();
    };
    const timelock = { address: at.TimelockController, abi: timelockControllerAbi } as const;
    const [proposer, canceller, executor] = await Promise.all(
      (['PROPOSER_ROLE', 'CANCELLER_ROLE', 'EXECUTOR_ROLE'] as const).map((functionName) =>
        clients.reader.readContract({ ...timelock, functionName }),
      ),
    );
    expect(await rolesIn(at.AccessManager, accessManagerAbi)).toEqual(
      [
        `${ROLES.ADMIN} ${at.TimelockController}`,
        `${ROLES.PARAM} ${at.TimelockController}`,
        `${ROLES.PAUSER} ${parties.guardian}`,
        `${ROLES.ISSUER} ${parties.issuer}`,
      ].sort(),
    );
    expect(await rolesIn(timelock.address, timelockControllerAbi)).toEqual(
      [
        `${zeroHash} ${at.TimelockController}`,
        `${proposer} ${at.OpenGovernor}`,
        `${canceller} ${at.OpenGovernor}`,
        // Anyone may execute what has waited.
        `${executor} ${zeroAddress}`,
      ].sort(),
    );
  });

  it('makes the governor the only proposer of the Timelock', async () => {
    const { reader } = clients;
    const timelock = { address: at.TimelockController, abi: timelockControllerAbi } as const;
    const proposer = await reader.readContract({ ...timelock, functionName: 'PROPOSER_ROLE' });
    const has = (role: typeof proposer, who: Address) =>
      reader.readContract({ ...timelock, functionName: 'hasRole', args: [role, who] });
    expect(await has(proposer, at.OpenGovernor)).toBe(true);
    expect(await has(proposer, parties.founder)).toBe(false);
    expect(await has(zeroHash, parties.founder)).toBe(false);
    expect(await has(zeroHash, at.TimelockController)).toBe(true);
  });

  it('gives the founder no privilege', async () => {
    const setFee = {
      address: at.Settlement,
      abi: settlementAbi,
      functionName: 'setFee',
      args: [0],
      account: alice,
    } as const;
    await expect(clients.reader.simulateContract(setFee)).rejects.toThrow('AccessManagedUnauthorized');
  });
});

it('requires the founder’s account for wiring', async () => {
  const { provider } = createTestNode();
  const stranger = clientsOver(custom(provider, { retryCount: 0 }), bob);
  await expect(deploy(stranger)).rejects.toThrow(`The wallet is ${bob.address}`);
});

it('reports a chain without a deployer', async () => {
  const empty = createPublicClient({
    chain: embedded,
    transport: custom({ request: async () => '0x' }),
  });
  const { wallet } = createTestNode();
  await expect(deploy({ reader: empty, wallet })).rejects.toThrow('no deterministic deployer');
});
