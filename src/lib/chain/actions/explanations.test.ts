// Every action is explained in words: its plan before approval, and its transactions and typed data before signing. A new action
// is found by its file and must be added here.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeFunctionData, keccak256, type Hex, type TypedDataDefinition } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { createDigester } from '#lib/core/digester.ts';
import { memberTypedData } from '#lib/formats/datanet/datanet-members.ts';
import { reviewTypedData } from '#lib/formats/datanet/review.ts';
import { answerReceiptTypedData } from '#lib/formats/payment/answer-receipt-signature.ts';
import { memberKeyTypedData } from '#lib/dataset/member-keys.ts';
import { rawWords } from '#tests/support/raw-words.ts';
import { settlementAbi } from '../abi/settlement.ts';
import { embedded } from '../chains.ts';
import type { ChainContext } from '../context.ts';
import { knownContracts } from '../known-contracts.ts';
import { SHIPPED_CONTRACTS } from '../parse-chain-contracts.ts';
import { explainRequest } from '../wallet/explain-request.ts';
import { voucherTypedData } from '../vouchers/voucher.ts';
import type { ActionPlan, Step } from '../tx/plan.ts';

const { addresses } = SHIPPED_CONTRACTS;
const known = { chainName: 'Sandbox', contracts: knownContracts(addresses) };
const me = privateKeyToAccount(`0x${'a1'.repeat(32)}`);
const friend = '0x00000000000000000000000000000000000000C3';
const hash: Hex = `0x${'5e'.repeat(32)}`;
const deadline = 1_800_000_000n;
const OPEN = 10n ** 18n;

/** Responses of chain and wallet, and the requests that the wallet was asked to sign. */
const signed: TypedDataDefinition[] = [];
const answers: Record<string, unknown> = {
  addressOf: friend,
  balanceOf: OPEN,
  allowance: 0n,
  bookOf: [{ payout: friend, devBps: 5000, dataBps: 3000, nodeBps: 2000, effectiveAt: 0 }, hash],
  buckets: [
    {
      holder: known.contracts.find(({ name }) => name === 'Vesting of team')!.address,
      beneficiary: friend,
      amount: OPEN,
      duration: 5n,
    },
  ],
  channelOf: { deposit: 5n * OPEN, redeemed: OPEN, closeAt: 0n },
  credit: 3n * OPEN,
  feeBps: 250,
  nodeOf: { staked: OPEN, exiting: 2n * OPEN, exitAt: 0n },
  nonces: 4n,
  isNonceUsed: false,
  uncountedOf: OPEN,
  withdrawalsOf: 0n,
  owed: OPEN,
  isClaimed: false,
  nativeCredit: OPEN,
  postFee: 10n ** 14n,
  questOf: { points: 1 },
  rewardOf: 2n * OPEN,
  vesting: [friend, OPEN],
};
const context = {
  mode: 'embedded',
  chain: embedded,
  addresses,
  read: {
    readContract: async ({ functionName, address }: { functionName: string; address: string }) =>
      functionName === 'eip712Domain'
        ? ['0x0f', known.contracts.find((one) => one.address === address)!.name, '1', BigInt(embedded.id), address]
        : (answers[functionName] ?? OPEN),
    getBlock: async () => ({ baseFeePerGas: 1_000_000_000n }),
  },
  signer: async () => ({
    account: me,
    signTypedData: async (data: TypedDataDefinition) => {
      signed.push(data);
      return me.signTypedData(data);
    },
  }),
} as unknown as ChainContext;

const terms = { payout: friend, devBps: 5000, dataBps: 3000, nodeBps: 2000 };
const refs = [{ datanet: 3n, version: 2, weight: 1 }];
const release = {
  adapter: hash,
  manifest: hash,
  rank: 8,
  sizeKiB: 100,
  quant: 16,
  parent: { model: 1n, version: 1 },
  refs,
};
const prices = { perCallWei: OPEN, per1kTokensWei: OPEN };
const rows = { datanet: 3n, content: hash, rows: 1, rowsRoot: hash };
const contribution = { ...rows, contributor: me.address, licence: 2, nonce: 4n, deadline } as const;
const award = { who: friend, quest: 2n, points: 1, nonce: 9n, deadline };
const channel = { node: friend, signer: me.address };
const authorization = { amountWei: OPEN, validBefore: deadline, salt: hash };
const proof = { account: me.address, amount: OPEN, index: 0n, siblings: [], sums: [] };
const voucher = {
  payer: me.address,
  node: friend,
  baseWei: 0n,
  lines: [{ modelId: 1, version: 1, amountWei: OPEN, calls: 1, receipts: hash }],
} as const;
const proposal = {
  targets: [addresses.Settlement],
  valuesWei: [0n],
  calldatas: [encodeFunctionData({ abi: settlementAbi, functionName: 'setFee', args: [250] })],
  description: '# Lower the fee\nIt is too high.',
};
const meta = {
  ...{ id: 1n, proposer: me.address, version: (1n << 32n) | 1n, round: 1, acc: hash, deposit: OPEN },
  draft: { pool: 2n * OPEN, keep: OPEN, total: OPEN, size: 1, root: hash },
  values: { root: hash, rows: 3, threshold: 9 },
};
const turn = {
  ...{ meta: hash, account: friend, isUnlisted: false, isRowAsked: false, level: 0, amount: OPEN, lo: 0, count: 1 },
  ...{ acc: hash, gross: 9n * OPEN, pool: 2n * OPEN, lineAmount: 0n, calls: 0, said: hash, fee: OPEN },
};
const move = { game: 1n, meta, turn };
const transfer = {
  ...{ from: friend, valueWei: OPEN, validAfter: 0n, validBefore: deadline, nonce: hash },
  signature: `0x${'11'.repeat(64)}1b`,
};
const record = {
  lines: hash,
  terms: (1n << 232n) | (1_700_000_000n << 192n) | (OPEN << 96n) | (2n * OPEN),
  gross: 9n * OPEN,
};
const place = {
  ...{ isListed: true, amount: OPEN, index: 0n, path: [], left: 0n, leftPath: [], right: 0n, rightPath: [] },
};
const holder = { account: friend, rowsRoot: hash, rows: 5, place: 0n, siblings: [], sums: [] };
const row = { model: 1n, version: 1, index: 2 };
const shown = {
  row: {
    ...{ rowLeaf: hash, cluster: 1, contributor: friend, datanet: 3n, version: 2, scale: 4 },
    vector: `0x${'01'.repeat(256)}`,
  },
  path: [hash],
  origin: {
    ...{
      parent: 0n,
      refs: [5n],
      ref: 0n,
      rowsRoot: hash,
      rows: 5,
      index: 0n,
      path: [],
      place: 0n,
      siblings: [],
      sums: [],
    },
  },
} as const;

const INPUTS: Readonly<Record<string, readonly unknown[]>> = {
  addBase: [{ family: 'llama', architecture: hash, licence: 11 }],
  addQuest: [{ meta: hash, points: 1, cap: 10, from: 1_700_000_000, to: 1_800_000_000, check: friend }],
  addReward: [OPEN],
  addStake: [OPEN],
  answerDemand: [{ ...row, shown }],
  answerQuestion: [{ move, answer: { name: 'answerRedemptions', numbers: [OPEN] } }],
  announceTerms: [{ model: 1n, terms }],
  appeal: [{ datanet: 3n, contribution: 1, reason: 'it is mine' }],
  approve: [friend, OPEN],
  authorizeChannel: [{ ...channel, ...authorization }],
  authorizeInvocation: [{ model: 1n, version: 1, node: friend, callHash: hash, ...authorization }],
  awardMany: [[award]],
  bringAward: [{ award, signature: '0x' }],
  bringChannel: [{ payer: me.address, ...channel, amountWei: OPEN, deadline, signature: '0x' }],
  bringContributions: [[{ terms: contribution, signature: '0x' }]],
  cancelClose: [channel],
  challengeAccount: [{ meta, account: friend, place }],
  claimFlat: [{ datanet: 3n, version: 1, holder }],
  claimPots: [{ account: friend, claims: [{ id: 1n, index: 0n, amount: OPEN, path: [] }] }],
  claimReward: [],
  countWork: [],
  claimSeason: [{ season: 1n, proof }],
  closeChannel: [channel],
  collectReward: [move],
  commitInfluence: [
    { model: 1n, version: 1, artefact: hash, influenceRoot: hash, rows: 3, threshold: 9n, rhoBps: 8000 },
  ],
  completeQuest: [2n],
  contribute: [rows],
  contributeBatch: [{ datanet: 3n, contributions: [contribution] }],
  createDatanet: [
    { name: 'Rare birds', meta: hash, licence: 2, curatorBps: 500, isOpen: true, minStakeOpen: 1, tags: ['birds'] },
  ],
  demandRow: [row],
  delegate: [{ to: friend, what: 'OpenToken' }],
  deprecateVersion: [{ model: 1n, version: 1 }],
  describeDatanet: [{ datanet: 3n, meta: hash, tags: ['birds'] }],
  endDemand: [row],
  endGame: [move],
  executeProposal: [proposal],
  exitStake: [],
  finalizeList: [meta],
  bringPayment: [{ model: 1n, version: 1, node: friend, transfer }],
  splitPayments: [{ model: 1n, version: 1, node: friend }],
  flattenPot: [{ id: 1n, records: [record] }],
  holdCourt: [],
  invoke: [{ model: 1n, version: 1, node: friend, amountWei: OPEN, callHash: hash }],
  judge: [
    {
      datanet: 3n,
      verdicts: [
        { contribution: 1, isAccepted: true, review: hash },
        { contribution: 2, isAccepted: false, reason: 'copied' },
      ],
    },
  ],
  judgeBatch: [{ datanet: 3n, sender: friend, root: hash, accepted: 1, decisions: hash }],
  openChannel: [{ ...channel, amountWei: OPEN, permitUntil: deadline }],
  permit: [{ spender: friend, amountWei: OPEN, deadline }],
  pickQuestion: [{ move, pick: { name: 'pick', numbers: [OPEN, 2n * OPEN], index: 1 } }],
  propose: [proposal],
  proposeList: [{ id: 1n, records: [record], list: [(BigInt(friend) << 96n) | OPEN], dataHash: hash }],
  publishDatanet: [{ datanet: 3n, manifest: hash, rowsRoot: hash, sharesRoot: hash, rows: 1, parent: 0 }],
  publishModel: [{ model: 1n, release }],
  queueProposal: [proposal],
  redeem: [{ node: friend, vouchers: [{ ...voucher, r: hash, vs: hash }] }],
  registerModel: [{ base: 1, licence: 2, terms, first: release, ...prices }],
  releaseBond: [meta],
  releaseVesting: [0],
  requestClose: [channel],
  requestExit: [OPEN],
  sealPot: [{ node: friend, model: 1n, version: 1 }],
  setAccess: [{ datanet: 3n, isOpen: false, minStakeOpen: 1 }],
  setCurator: [{ datanet: 3n, curator: friend, isAllowed: true }],
  setPrice: [{ model: 1n, ...prices }],
  setRelayer: [{ relayer: friend, isAllowed: true }],
  showTwice: [{ model: 1n, version: 1, first: { index: 0, ...shown }, second: { index: 1, ...shown } }],
  signAuthorization: [{ kind: 'open', node: friend, signer: me.address }, authorization],
  signAward: [award],
  signChannel: [{ ...channel, amountWei: OPEN, deadline }],
  signContribution: [{ ...rows, licence: 2, deadline }],
  signPermit: [{ spender: friend, amountWei: OPEN, deadline }],
  spreadFlat: [{ parent: { model: 1n, version: 1 }, refs }],
  stake: [{ amountWei: OPEN, peerId: hash, caps: 1 }],
  topUp: [{ ...channel, amountWei: OPEN }],
  transfer: [{ to: friend, amountWei: OPEN, what: 'OPEN' }],
  vote: [{ proposalId: BigInt(keccak256('0x01')), support: 'for', reason: 'yes' }],
  withdrawContribution: [{ batch: { datanet: 3n, contributions: [contribution] }, place: 0 }],
  withdrawCredit: [{ account: friend }],
  withdrawNative: ['InfluenceBook'],
  withdrawShares: [friend],
};

type Action = (context: ChainContext, ...input: unknown[]) => Promise<unknown>;
const FOLDER = import.meta.dirname;
/** Resolves with a plan, a step or a signature of the acting account. */
const FUNCTION = /^export async function (\w+)\(\s*context: ChainContext[\s\S]*?\): Promise<([^]*?)> \{$/gm;
const IS_ACTION = /^(ActionPlan|Step|Signed\w+)$|\b(signature|authorization)\b/;
const found = new Map<string, string>();
beforeAll(async () => {
  for (const file of await readdir(FOLDER, { recursive: true })) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
    const text = await readFile(join(FOLDER, file), 'utf8');
    for (const [, name, outcome] of text.matchAll(FUNCTION)) if (IS_ACTION.test(outcome!)) found.set(name!, file);
  }
});

it('the test covers all actions', () => {
  expect([...found.keys()].sort()).toEqual(Object.keys(INPUTS).sort());
});

const said = ({ title, sentences, rows }: ReturnType<typeof explainRequest>): string[] => [
  title,
  ...sentences,
  ...rows.flatMap(({ label, value }) => [label, value]),
];
const explainSigning = (data: TypedDataDefinition) =>
  explainRequest({ kind: 'typed-data', from: me.address, chainId: embedded.id, data }, known);

/** Another value of the same type; null for fields without their own text, or with parts. */
function another(name: string, value: unknown): unknown {
  if (name === 'purpose') return null;
  if (typeof value === 'bigint') return value + 1n;
  if (typeof value === 'number') return value + 1;
  if (typeof value !== 'string') return null;
  return value.startsWith('0x') ? `${value.slice(0, 2)}77${value.slice(4)}` : `${value}1`;
}

/** Every signed field is explained: another value gives other words. */
function expectAllTold(data: TypedDataDefinition) {
  const message = data.message;
  const words = said(explainSigning(data)).join('\n');
  for (const [name, value] of Object.entries(message)) {
    const other = another(name, value);
    if (other === null) continue;
    const changed = said(explainSigning({ ...data, message: { ...message, [name]: other } }));
    expect(changed.join('\n'), `${data.primaryType}.${name}`).not.toBe(words);
  }
}

describe('an action is explained in words', () => {
  test.each(Object.keys(INPUTS))('%s', async (name) => {
    signed.length = 0;
    const module = (await import(`./${found.get(name)!}`)) as Record<string, Action>;
    const outcome = (await module[name]!(context, ...INPUTS[name]!)) as Partial<ActionPlan> & Partial<Step>;
    const steps = outcome.steps ?? (outcome.explanation === undefined ? [] : [outcome as Step]);
    expect(steps.length + signed.length).toBeGreaterThan(0);
    for (const { explanation, to, data, valueWei } of steps) {
      expect(rawWords([explanation])).toEqual([]);
      const request = { kind: 'transaction', chainId: embedded.id, from: me.address, maxFeeWei: 1n } as const;
      const told = explainRequest({ ...request, calls: [{ to, data, valueWei }], delegatesTo: null }, known);
      expect(rawWords(said({ ...told, rows: told.rows.filter(({ label }) => label !== 'Fee at most') }))).toEqual([]);
      expect(told.warning).toBeNull();
    }
    for (const data of signed) {
      expect(rawWords(said(explainSigning(data)))).toEqual([]);
      expect(explainSigning(data).warning).toBeNull();
      expectAllTold(data);
    }
  });
});

it('creating a Datanet names it and its licence', async () => {
  const { createDatanet } = await import('./datanets/create-datanet.ts');
  const input = INPUTS['createDatanet']![0] as Parameters<typeof createDatanet>[1];
  const { steps } = await createDatanet(context, input);
  expect(steps[0].explanation).toMatch(/“Rare birds” under the licence CC-BY-4\.0 .*anyone with 1 OPEN staked.* 5 %/);
});

test('attachments, members’ keys and vouchers are explained in words', async () => {
  const digester = await createDigester();
  const datanet = `${embedded.id}:${addresses.DatanetRegistry.toLowerCase()}:3`;
  const review = {
    ...{ datanet, contribution: hash, curator: me.address.toLowerCase() as Hex, reasons: ['copied'], createdAt: 1 },
    ...{ rejected: [{ leaf: hash, reason: 0, first: null }], signature: null },
  };
  const domain = {
    name: 'Payable Datanet',
    version: '1',
    chainId: embedded.id,
    verifyingContract: addresses.DatanetRegistry,
  };
  const fields = (...pairs: [string, string][]) => pairs.map(([name, type]) => ({ name, type }));
  const all = [
    reviewTypedData(review, digester),
    memberTypedData(datanet, { address: me.address, publicKey: `0x${'04'.repeat(65)}` }),
    memberKeyTypedData(datanet, me.address),
    voucherTypedData(embedded.id, addresses.Settlement, voucher),
    answerReceiptTypedData({
      chain: { chainId: embedded.id, settlement: addresses.Settlement },
      ...{ payer: me.address, node: me.address, base: hash, engine: hash, input: hash, output: hash },
      ...{
        inputTokens: 12,
        outputTokens: 30,
        liftMillinats: 4_500,
        time: 1_800_000_000,
        costWei: 2n * 10n ** 18n,
        signature: null,
      },
      parts: [
        {
          ...{
            modelId: 3,
            version: 2,
            adapter: hash,
            weightBps: 10_000,
            artefact: hash,
            query: hash,
            attribution: hash,
          },
          terms: { feeBps: 500, devBps: 2_000, dataBps: 5_000, nodeBps: 2_500, rhoBps: 8_000 },
          ...{ costWei: 2n * 10n ** 18n, vector: null, entries: [] },
        },
      ],
    }),
    {
      domain,
      primaryType: 'DatanetContribution',
      types: {
        DatanetContribution: fields(
          ...([
            ['datanet', 'string'],
            ['contributor', 'address'],
            ['rows', 'uint32'],
          ] as [string, string][]),
          ...([
            ['rowRoot', 'bytes32'],
            ['licence', 'string'],
            ['content', 'bytes32'],
          ] as [string, string][]),
        ),
      },
      message: { datanet, contributor: me.address, rows: 1, rowRoot: hash, licence: 'CC-BY-4.0', content: hash },
    },
    {
      domain,
      primaryType: 'DatanetVersion',
      types: {
        DatanetVersion: fields(
          ...([
            ['datanet', 'string'],
            ['version', 'uint32'],
            ['rows', 'uint64'],
            ['rowRoot', 'bytes32'],
          ] as [string, string][]),
          ...([
            ['licence', 'string'],
            ['manifest', 'bytes32'],
            ['author', 'address'],
          ] as [string, string][]),
        ),
      },
      message: { datanet, version: 1, rows: 1n, rowRoot: hash, licence: 'MIT', manifest: hash, author: me.address },
    },
  ] as TypedDataDefinition[];
  for (const data of all) {
    expect(rawWords(said(explainSigning(data))), data.primaryType).toEqual([]);
    expectAllTold(data);
  }
});

it('the test covers all typed data of the project', async () => {
  const root = join(FOLDER, '../../../..');
  const types = new Set<string>();
  for (const folder of ['src/lib', 'cli', 'server'])
    for (const file of await readdir(join(root, folder), { recursive: true })) {
      if (!file.endsWith('.ts') || file.endsWith('.test.ts') || file.includes('abi')) continue;
      for (const [, type] of (await readFile(join(root, folder, file), 'utf8')).matchAll(
        /primaryType(?::| =) '(\w+)'/g,
      ))
        types.add(type!);
    }
  expect([...types].sort()).toEqual([
    ...[
      'AnswerReceipt',
      'Award',
      'Contribution',
      'DatanetContribution',
      'DatanetKey',
      'DatanetMember',
      'DatanetReview',
    ],
    ...['DatanetVersion', 'Open', 'Permit', 'ReceiveWithAuthorization', 'Voucher'],
  ]);
});
