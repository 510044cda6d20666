// What a block explorer needs to verify source code: standard JSON input per contract, checked here by compiling it and comparing
// with the deployed code. Contacts no explorer.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Hex } from 'viem';
import type { ContractName, DeployPlan } from '#lib/chain/deploy/plan.ts';

interface Metadata {
  compiler: { version: string };
  language: string;
  settings: Record<string, unknown> & { compilationTarget: Record<string, string> };
  sources: Record<string, unknown>;
}

export interface VerificationInput {
  name: ContractName;
  /** `path:name`, the form that explorers use. */
  contract: string;
  /** With the commit, the form that explorers use. */
  compiler: string;
  input: object;
  /** Creation code compiled from the input; must equal the deployed code. */
  compile(): Hex;
}

const solc = createRequire(import.meta.url)('solc') as { compile(input: string): string };

/** The sources that one contract of the build `dist` is made of. */
export function verificationInput(name: ContractName): VerificationInput {
  const artefact = join('contracts/out/dist', `${name}.sol`, `${name}.json`);
  const { metadata } = JSON.parse(readFileSync(artefact, 'utf8')) as { metadata: Metadata };
  const { compilationTarget, ...settings } = metadata.settings;
  const [target] = Object.entries(compilationTarget);
  if (!target) throw new Error(`The build of ${name} does not say what it is made of.`);
  const [path, contract] = target;
  const sources = Object.fromEntries(
    Object.keys(metadata.sources).map((file) => [file, { content: readFileSync(file, 'utf8') }]),
  );
  const outputSelection = { [path]: { [contract]: ['evm.bytecode.object', 'abi'] } };
  const input = { language: metadata.language, sources, settings: { ...settings, outputSelection } };
  return {
    name,
    contract: `${path}:${contract}`,
    compiler: `v${metadata.compiler.version}`,
    input,
    compile() {
      const { contracts, errors } = JSON.parse(solc.compile(JSON.stringify(input))) as {
        contracts?: Record<string, Record<string, { evm: { bytecode: { object: string } } }>>;
        errors?: { severity: string; formattedMessage: string }[];
      };
      const wrong = errors?.find(({ severity }) => severity === 'error');
      if (wrong) throw new Error(wrong.formattedMessage);
      return `0x${contracts![path]![contract]!.evm.bytecode.object}`;
    },
  };
}

/** Constructor arguments of a planned contract, encoded. */
export function encodedArguments(plan: DeployPlan, name: ContractName, creationCode: Hex): Hex {
  const { initCode } = plan.contracts.find((contract) => contract.name === name)!;
  if (!initCode.startsWith(creationCode)) throw new Error(`The plan of ${name} is not of this creation code.`);
  return `0x${initCode.slice(creationCode.length)}`;
}
