// The same signed transactions on the embedded chain and on anvil: equal gas, fees, addresses, logs, roots and errors.

import {
  concatHex,
  encodeAbiParameters,
  encodeFunctionData,
  getContractAddress,
  numberToHex,
  parseEther,
  type Abi,
  type Hex,
} from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { embedded } from '#lib/chain/chains.ts';
import { alice, bob, carol } from '../support/embedded-chain.ts';
import { compileSolidity, type Compiled } from '../support/solidity.ts';
import { openTwoChains, type TwoChains } from '../support/two-chains.ts';

const SOURCE = `
// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ERC7821} from "@openzeppelin/contracts/account/extensions/draft-ERC7821.sol";

contract Token is ERC20, ERC20Permit, ERC20Votes {
    constructor(uint256 supply) ERC20("Open", "OPEN") ERC20Permit("Open") { _mint(msg.sender, supply); }
    function clock() public view override returns (uint48) { return uint48(block.timestamp); }
    function CLOCK_MODE() public pure override returns (string memory) { return "mode=timestamp"; }
    function _update(address a, address b, uint256 v) internal override(ERC20, ERC20Votes) { super._update(a, b, v); }
    function nonces(address o) public view override(ERC20Permit, Nonces) returns (uint256) { return super.nonces(o); }
}

contract Probe is ReentrancyGuardTransient {
    error Refused(address who, uint256 amount, bytes32 reason);
    event Seen(address indexed who, uint256 indexed number, uint256 timestamp, uint256 baseFee, bytes32 parent);
    mapping(uint256 => uint256) public slots;
    function refuse(uint256 amount) external view { revert Refused(msg.sender, amount, "no"); }
    function text() external pure { require(false, "just words"); }
    function panic(uint256 by) external pure returns (uint256) { return 1 / by; }
    function forever() external pure { while (true) {} }
    function see() external { emit Seen(msg.sender, block.number, block.timestamp, block.basefee, blockhash(block.number)); }
    function fill(uint256 from, uint256 to, uint256 value) external nonReentrant {
        for (uint256 i = from; i < to; i++) slots[i] = value;
    }
    function tryRefuse() external returns (bytes memory data) {
        slots[999] = 1;
        (, data) = address(this).call(abi.encodeCall(this.refuse, (7)));
        try this.dies() {} catch {}
    }
    function dies() external { slots[998] = 1; revert(); }
    function spawn(bytes32 salt) external returns (address) { return address(new Child{salt: salt}()); }
    function p256(bytes calldata input) external view returns (bytes memory out) { (, out) = address(0x100).staticcall(input); }
    receive() external payable {}
}

contract Child { uint256 public born = block.timestamp; }
contract Account is ERC7821 {}
`;

const DEPLOYER = '0x4e59b44847b379578588920cA78FbF26c0B4956C';
let contracts: Record<string, Compiled>;
let chains: TwoChains;
const run: TwoChains['run'] = (...given) => chains.run(...given);
const ask: TwoChains['ask'] = (...given) => chains.ask(...given);

beforeAll(async () => {
  contracts = compileSolidity(SOURCE);
  chains = await openTwoChains();
});
afterAll(() => chains.close());

const call = (abi: Abi, functionName: string, args: unknown[] = []) => encodeFunctionData({ abi, functionName, args });

describe('one script on two chains', () => {
  let token: Hex;
  let probe: Hex;
  let account: Hex;

  it('deploys directly and through the CREATE2 deployer at equal addresses for equal gas', async () => {
    const { Token, Probe, Account } = contracts as Record<'Token' | 'Probe' | 'Account', Compiled>;
    const supply = encodeAbiParameters([{ type: 'uint256' }], [10n ** 27n]);
    token = (await run('token', alice, { data: concatHex([Token.bytecode, supply]) })).contractAddress as Hex;
    probe = (await run('probe', bob, { data: Probe.bytecode })).contractAddress as Hex;
    account = getContractAddress({
      from: DEPLOYER,
      opcode: 'CREATE2',
      bytecode: Account.bytecode,
      salt: numberToHex(0, { size: 32 }),
    });
    await run('account', alice, {
      to: DEPLOYER,
      data: concatHex([numberToHex(0, { size: 32 }), Account.bytecode]),
    });
    const { result } = await ask('eth_getCode', [account, 'latest']);
    expect(String(result).length).toBeGreaterThan(2);
  });

  it('moves native coin and tokens in every transaction type', async () => {
    const { abi } = contracts['Token']!;
    await run('value', alice, { to: carol.address, value: parseEther('1') });
    await run('legacy', alice, { type: 'legacy', to: bob.address, value: 1n });
    await run('2930', alice, {
      type: 'eip2930',
      to: token,
      data: call(abi, 'transfer', [bob.address, 5n]),
      accessList: [{ address: token, storageKeys: [numberToHex(0, { size: 32 })] }],
    });
    await run('transfer', alice, { to: token, data: call(abi, 'transfer', [bob.address, 10n ** 18n]) });
    await run('delegate', bob, { to: token, data: call(abi, 'delegate', [carol.address]) });
    await run('delegated transfer', bob, { to: token, data: call(abi, 'transfer', [carol.address, 10n ** 17n]) });
    await run('all', bob, { to: token, data: call(abi, 'transfer', [alice.address, 9n * 10n ** 17n + 5n]) });
    await ask('eth_call', [{ to: token, data: call(abi, 'balanceOf', [alice.address]) }, 'latest']);
    await ask('eth_call', [{ to: token, data: call(abi, 'getVotes', [carol.address]) }, 'latest']);
  });

  it('fails alike: custom errors, texts, panics, out of gas', async () => {
    const { abi } = contracts['Probe']!;
    const { abi: tokenAbi } = contracts['Token']!;
    const refused = await ask('eth_call', [
      { from: alice.address, to: probe, data: call(abi, 'refuse', [42n]) },
      'latest',
    ]);
    expect(refused.code).toBe(3);
    expect(refused.data).toContain(alice.address.slice(2).toLowerCase());
    for (const data of [call(abi, 'text'), call(abi, 'panic', [0n])])
      await ask('eth_call', [{ to: probe, data }, 'latest']);
    await ask('eth_estimateGas', [{ from: alice.address, to: probe, data: call(abi, 'refuse', [1n]) }]);
    const failed = [
      await run('refuse', alice, { to: probe, data: call(abi, 'refuse', [1n]) }),
      await run('poor', carol, { to: token, data: call(tokenAbi, 'transfer', [bob.address, 10n ** 27n]) }),
      await run('forever', alice, { to: probe, data: call(abi, 'forever'), gas: 100_000n }),
      await run('unknown', alice, { to: probe, data: '0xdeadbeef' }),
      await run('bad creation', alice, { data: '0xfe', gas: 200_000n }),
    ];
    for (const { status } of failed) expect(status).toBe('reverted');
    await run('caught', alice, { to: probe, data: call(abi, 'tryRefuse') });
  });

  it('charges storage, refunds, transient guards, creation, precompiles and block values alike', async () => {
    const { abi } = contracts['Probe']!;
    await run('fill', alice, { to: probe, data: call(abi, 'fill', [0n, 40n, 7n]) });
    await run('refill', alice, { to: probe, data: call(abi, 'fill', [0n, 40n, 8n]) });
    await run('clear', alice, { to: probe, data: call(abi, 'fill', [0n, 40n, 0n]) });
    await run('see', alice, { to: probe, data: call(abi, 'see') });
    await run('spawn', alice, { to: probe, data: call(abi, 'spawn', [numberToHex(5, { size: 32 })]) });
    await run('again', alice, { to: probe, data: call(abi, 'spawn', [numberToHex(5, { size: 32 })]), gas: 300_000n });
    await run('long data', alice, { to: bob.address, data: `0x${'ab'.repeat(3000)}`, gas: 200_000n });
    await run('p256', alice, { to: probe, data: call(abi, 'p256', [`0x${'01'.repeat(160)}`]) });
    await ask('eth_getStorageAt', [token, numberToHex(2), 'latest']);
  });

  it('delegates by EIP-7702, runs a batch atomically, and undoes it when one call fails', async () => {
    const { abi } = contracts['Account']!;
    const { abi: tokenAbi } = contracts['Token']!;
    const mode = numberToHex(0x01n << 248n, { size: 32 });
    const batch = (calls: { to: Hex; data: Hex }[]) =>
      call(abi, 'execute', [
        mode,
        encodeAbiParameters(
          [
            {
              type: 'tuple[]',
              components: [{ type: 'address' }, { type: 'uint256' }, { type: 'bytes' }],
            },
          ],
          [calls.map(({ to, data }) => [to, 0n, data] as const)],
        ),
      ]);
    const give = (amount: bigint) => ({ to: token, data: call(tokenAbi, 'transfer', [carol.address, amount]) });
    // Simulated before anything is signed, as if the account had delegated; afterwards it has not.
    const asIf = { [alice.address]: { code: `0xef0100${account.slice(2).toLowerCase()}` } };
    const trial = (amount: bigint) => ({
      from: alice.address,
      to: alice.address,
      data: batch([give(1n), give(amount)]),
    });
    await ask('eth_call', [trial(2n), 'latest', asIf]);
    const refusal = await ask('eth_call', [trial(10n ** 28n), 'latest', asIf]);
    expect(refusal).toMatchObject({ code: 3 });
    expect(await ask('eth_getCode', [alice.address, 'latest'])).toEqual({ result: '0x' });
    const nonce = chains.nonces.get(alice.address)!;
    const authorization = await alice.signAuthorization!({ chainId: embedded.id, address: account, nonce: nonce + 1 });
    const done = await run('7702 batch', alice, {
      type: 'eip7702',
      to: alice.address,
      data: batch([give(1n), give(2n)]),
      authorizationList: [authorization],
    });
    // The authorisation uses a nonce, like a transaction.
    chains.nonces.set(alice.address, nonce + 2);
    expect(done).toMatchObject({ status: 'success' });
    expect(done.logs.length).toBeGreaterThanOrEqual(2);
    await run('later batch', alice, { to: alice.address, data: batch([give(3n)]) });
    const undone = await run('failing batch', alice, { to: alice.address, data: batch([give(4n), give(10n ** 28n)]) });
    expect(undone).toMatchObject({ status: 'reverted', logs: [] });
    const { result } = await ask('eth_getCode', [alice.address, 'latest']);
    expect(result).toBe(`0xef0100${account.slice(2).toLowerCase()}`);
  });

  it('ends with equal balances, nonces, logs and fee history', async () => {
    const { abi } = contracts['Token']!;
    const everyone = [alice, bob, carol].map(({ address }) => address);
    for (const address of [...everyone, '0x0000000000000000000000000000000000000000']) {
      await ask('eth_getBalance', [address, 'latest']);
      await ask('eth_getTransactionCount', [address, 'latest']);
      await ask('eth_call', [{ to: token, data: call(abi, 'balanceOf', [address]) }, 'latest']);
    }
    const events = [];
    for (const { reader } of chains.both) {
      const logs = await reader.getLogs({ address: token, fromBlock: 0n });
      events.push(logs.map(({ topics, data, blockNumber, logIndex }) => ({ topics, data, blockNumber, logIndex })));
    }
    expect(events[0]!.length).toBeGreaterThan(5);
    expect(events[0]).toEqual(events[1]);
    const fees = [];
    for (const { reader } of chains.both) {
      const { baseFeePerGas, oldestBlock } = await reader.getFeeHistory({ blockCount: 8, rewardPercentiles: [50] });
      fees.push({ baseFeePerGas, oldestBlock, price: await reader.getGasPrice() });
    }
    expect(fees[0]).toEqual(fees[1]);
  });

  it('estimates enough gas, and not much more than anvil', async () => {
    const { abi } = contracts['Probe']!;
    const request = { account: bob.address, to: probe, data: call(abi, 'fill', [100n, 120n, 1n]) };
    const [mine = 0n, anvils] = await Promise.all(chains.both.map(({ reader }) => reader.estimateGas(request)));
    const { gasUsed, status } = await run('estimated', bob, { to: probe, data: request.data, gas: mine });
    expect(status).toBe('success');
    expect(mine).toBeGreaterThanOrEqual(gasUsed);
    expect(Number(mine) / Number(anvils)).toBeLessThan(1.1);
    const transfer = { account: bob.address, to: carol.address, value: 1n };
    expect(await chains.ours.reader.estimateGas(transfer)).toBe(21_000n);
  });
});
