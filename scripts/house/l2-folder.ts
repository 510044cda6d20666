// Reads an operator's folder for a chain and checks its files against each other: the description, the parties, and for a
// self-run chain the settings of its services. Opens no connection and needs no key.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { parse as parseToml } from 'smol-toml';
import { zeroAddress } from 'viem';
import code from '#lib/chain/deploy/init-code.json' with { type: 'json' };
import { parseParties } from '#lib/chain/deploy/parse-parties.ts';
import { planDeployment, type CreationCode, type DeployPlan } from '#lib/chain/deploy/plan.ts';
import { parseChainConfig } from '#lib/chain/parse-chain-config.ts';
import { PayableError } from '#lib/core/errors.ts';

type Table = Record<string, unknown>;
type Environment = Record<string, string | undefined>;

/** Networks of EigenDA by the id of their settlement chain, with the names that its proxy uses. */
const EIGENDA_NETWORKS: Record<number, string> = { 1: 'mainnet', 11155111: 'sepolia_testnet', 560048: 'hoodi_testnet' };
const SERVICES = { node: 'OP_NODE_ALTDA', batcher: 'OP_BATCHER_ALTDA' } as const;
const PROXY = 'EIGENDA_PROXY';

export interface L2Folder {
  /** Null while the description or its parties are not valid. */
  plan: DeployPlan | null;
  /** What must change before the chain can run, one sentence each. */
  problems: string[];
}

/** Where a table still needs an address. */
function zeroAddresses(table: unknown, at: string): string[] {
  if (table === zeroAddress) return [at];
  if (typeof table !== 'object' || table === null) return [];
  return Object.entries(table).flatMap(([name, value]) => zeroAddresses(value, at === '' ? name : `${at}.${name}`));
}

function intentProblems(intent: Table, chainId: number): string[] {
  const problems = zeroAddresses(intent, '').map((at) => `intent.toml: ${at} is the zero address.`);
  const chains = Array.isArray(intent['chains']) ? (intent['chains'] as Table[]) : [];
  const [chain = {}] = chains;
  if (chains.length !== 1) problems.push(`intent.toml: it makes ${chains.length} chains, not one.`);
  const id = String(chain['id']);
  if (!/^0x[0-9a-f]{64}$/.test(id) || BigInt(id) !== BigInt(chainId)) {
    problems.push(`intent.toml: chains.id is ${id}; chain.json says ${chainId}.`);
  }
  const below = (chain['dangerousAltDAConfig'] ?? {}) as Table;
  if (below['useAltDA'] !== true || below['daCommitmentType'] !== 'GenericCommitment') {
    problems.push('intent.toml: EigenDA takes useAltDA = true and daCommitmentType = "GenericCommitment".');
  }
  if (!below['daChallengeWindow'] || !below['daResolveWindow']) {
    problems.push('intent.toml: daChallengeWindow and daResolveWindow must not be zero, though nothing uses them.');
  }
  return problems;
}

function serviceProblems(intent: Table, settings: Environment): string[] {
  const problems: string[] = [];
  for (const [name, prefix] of Object.entries(SERVICES)) {
    const wanted = { ENABLED: 'true', DA_SERVICE: 'true', VERIFY_ON_READ: 'false' };
    for (const [setting, value] of Object.entries(wanted)) {
      if (settings[`${prefix}_${setting}`] === value) continue;
      problems.push(`op-${name}.env: ${prefix}_${setting} must be ${value}.`);
    }
    const url = settings[`${prefix}_DA_SERVER`] ?? '';
    if (URL.parse(url)?.port !== settings[`${PROXY}_PORT`]) {
      problems.push(`op-${name}.env: ${prefix}_DA_SERVER is not at the port of eigenda-proxy.env.`);
    }
  }
  const layerOne = Number(intent['l1ChainID']);
  const network = settings[`${PROXY}_EIGENDA_V2_NETWORK`];
  if (network !== EIGENDA_NETWORKS[layerOne]) {
    problems.push(
      `eigenda-proxy.env: network ${network}; on chain ${layerOne} it is ${EIGENDA_NETWORKS[layerOne] ?? 'none'}.`,
    );
  }
  const [chain] = (intent['chains'] ?? []) as Table[];
  const overrides = (chain?.['deployOverrides'] ?? {}) as Table;
  if (settings[`${PROXY}_EIGENDA_V2_RBN_RECENCY_WINDOW_SIZE`] !== String(overrides['sequencerWindowSize'])) {
    problems.push('eigenda-proxy.env: the recency window must be the sequencerWindowSize of intent.toml.');
  }
  return problems;
}

/** Reads a folder of l2/. Empty values of its .env files may come from `environment`, where keys belong. */
export function readL2Folder(folder: string, environment: Environment): L2Folder {
  const problems: string[] = [];
  const description = JSON.parse(readFileSync(join(folder, 'chain.json'), 'utf8')) as Table;
  let plan: DeployPlan | null = null;
  try {
    const chain = parseChainConfig(description);
    const parties = parseParties(description['parties'], { testnet: chain.testnet === true });
    plan = planDeployment(code as CreationCode, parties);
  } catch (error) {
    if (!(error instanceof PayableError)) throw error;
    problems.push(`chain.json: ${error.message}`);
  }
  const intentFile = join(folder, 'intent.toml');
  if (!existsSync(intentFile)) return { plan, problems };

  if (description['opStack'] !== true) problems.push('chain.json: a chain of the OP Stack says "opStack": true.');
  const intent = parseToml(readFileSync(intentFile, 'utf8')) as Table;
  problems.push(...intentProblems(intent, Number(description['id'])));
  const settings: Environment = {};
  for (const file of ['op-node.env', 'op-batcher.env', 'eigenda-proxy.env']) {
    for (const [name, value] of Object.entries(parseEnv(readFileSync(join(folder, file), 'utf8')))) {
      settings[name] = value || environment[name];
      if (!settings[name]) problems.push(`${file}: ${name} is empty, and not in the environment.`);
    }
  }
  problems.push(...serviceProblems(intent, settings));
  return { plan, problems };
}
