// Every public verb shows how it is called, in an @example that type-checks, and a test exercises it by its name.

import { globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { publicVerbs, type PublicVerb } from './support/public-verbs.ts';

/** What callers have at hand; examples do not show where it comes from. */
const GIVEN: Readonly<Record<string, string>> = {
  ...{ chain: "import('#lib/chain/context.ts').ChainContext", issuer: 'typeof chain', payer: 'typeof chain' },
  run: "(plan: import('#lib/chain/tx/plan.ts').ActionPlan) => Promise<boolean>",
  nodeWallet: "import('#lib/chain/context.ts').Signer",
  ...{ account: "import('viem').Address", node: "import('viem').Address", sessionKey: "import('viem').Address" },
  ...{ digest: "import('viem').Hash", root: "import('viem').Hash" },
  ...{ deadline: 'bigint', proposalId: 'bigint', text: 'string', texts: 'readonly string[]' },
  newDatanet: "import('#lib/chain/actions/datanets/create-datanet.ts').NewDatanet",
  proposalRows: "readonly import('#lib/chain/indexer/tables.ts').ProposalRow[]",
  offer: "import('#lib/chain/actions/datanets/offer.ts').Offer",
  release: "import('#lib/chain/actions/models/model-release.ts').ModelRelease",
  about: "import('#lib/formats/datanet/datanet-about.ts').DatanetAbout",
  influence: "import('#lib/formats/payment/influence.ts').Influence",
  lineage: "import('#lib/formats/payment/lineage.ts').Lineage",
  transfer: "import('#lib/chain/actions/settlement/bring-payment.ts').SignedTransfer",
  move: "import('#lib/formats/payment/court-game.ts').GameMove",
  rows: "import('#lib/formats/payment/influence.ts').InfluenceRow[]",
  ...{ holders: "import('#lib/formats/payment/holders.ts').HolderRows[]", sharesRoot: "import('viem').Hash" },
  origins: "import('#lib/settlement/row-origins.ts').RowOrigins",
  known: "import('#lib/settlement/known-influence.ts').KnownInfluence",
  published: "readonly import('#lib/settlement/build-pot.ts').PublishedRedemption[]",
  ...{ sealed: "{ word: import('viem').Hash }", pot: "import('#lib/settlement/build-pot.ts').BuiltPot" },
  seasonRewards: "readonly import('#lib/formats/payment/season-leaves.ts').SeasonReward[]",
  engine: "import('#lib/engine/engine.ts').Engine",
  builtIn: "import('#lib/engine/runtimes.ts').RuntimeOf['prompt-api']",
  host: "import('#lib/engine/host.ts').Host",
  model: "import('#lib/engine/engine.ts').ModelInfo",
  adapter: "import('#lib/engine/engine.ts').AdapterInfo",
  datanets: "import('#lib/datanets/datanet-context.ts').DatanetContext",
  version: "import('#lib/dataset/version-reader.ts').OpenVersion",
  ...{ before: 'typeof version', cid: 'typeof version.cid', ring: 'typeof version.cid', datanet: 'string' },
  digester: "import('#lib/core/digester.ts').Digester",
  terms: "import('#lib/dataset/pack-version.ts').PackTerms",
  row: "import('#lib/formats/datanet/datanet-row.ts').DatanetRow",
  ...{ rowKey: 'Uint8Array', key: "import('#lib/dataset/member-keys.ts').MemberKey", file: 'File' },
  readRing: '(id: string) => Promise<Uint8Array | null>',
  wrapped: "import('#lib/formats/datanet/datanet-keys.ts').WrappedKey",
  cards: "readonly import('#lib/formats/datanet/datanet-members.ts').MemberCard[]",
  facts: "import('#lib/datanets/published/published-datanet.ts').DatanetFacts",
  chatContext: "import('#lib/flows/chat.ts').ChatContext",
  conversation: "import('#lib/db/conversation.ts').Conversation",
  modelContext: "import('#lib/flows/open-model.ts').OpenModelContext",
  pullContext: "import('#lib/flows/pull-model.ts').PullModelContext",
  keepContext: "import('#lib/flows/keep-model.ts').KeepModelContext",
  rowSources: "readonly import('#lib/factory/training-row.ts').RowSource[]",
  labeller: "import('#lib/factory/training-example.ts').Labeller",
  trainContext: "import('#lib/flows/train-context.ts').TrainContext",
  trainingManifest: "import('#lib/factory/training-manifest.ts').TrainingManifest",
  stateAt: '(step: number) => Promise<Uint8Array<ArrayBuffer> | null>',
  index: "import('#lib/registry/model-index.ts').ModelIndex",
  modelRows: "import('#lib/registry/published/published-models.ts').ModelRows",
  registered: "import('#lib/registry/published/published-models.ts').PublishedModel",
  compareContext: "import('#lib/flows/compare-runtimes.ts').CompareContext",
  bundled: "import('#lib/flows/open-datanet.ts').OpenDatanetContext",
  tables: "import('#lib/flows/list-chain-datanets.ts').DatanetRows",
  contribution: "import('#lib/datanets/contributions/chain-contributions.ts').ChainContribution",
  searcher: "import('#lib/datanets/search/row-searcher.ts').RowSearcher",
  bring: "import('#lib/flows/index-rows.ts').Bring",
  importFile: "import('#lib/datanets/import/import-file.ts').ImportFile",
  inspect: "import('#lib/flows/contribute.ts').ContributeInput['inspect']",
  outbox: "import('#lib/db/outbox.ts').Outbox",
  settings: "import('#lib/engine/training/training-host.ts').StepSettings[]",
  ...{ signal: 'AbortSignal', show: '(what: unknown) => void' },
};

const verbs = publicVerbs();
const placeOf = ({ file, line, name }: PublicVerb): string => `${file}:${line} ${name}`;

const walk = (node: ts.Node, visit: (node: ts.Node) => void): void => {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
};

const parse = (file: string, text: string): ts.SourceFile =>
  ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);

/** The names of what is called, by itself or as a method. */
function callsIn(source: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  walk(source, (node) => {
    if (!ts.isCallExpression(node)) return;
    const called = ts.isPropertyAccessExpression(node.expression) ? node.expression.name : node.expression;
    if (ts.isIdentifier(called)) names.add(called.text);
  });
  return names;
}

describe('a public verb', () => {
  it('has an example', () => {
    expect(verbs.length).toBeGreaterThan(100);
    expect(verbs.filter(({ example }) => !example).map(placeOf)).toEqual([]);
  });

  it('is called in its own example', () => {
    const unused = verbs.filter(({ name, file, example }) => example && !callsIn(parse(file, example.code)).has(name));
    expect(unused.map(placeOf)).toEqual([]);
  });

  it('has an example that type-checks', () => {
    expect(problemsOf(verbs)).toEqual([]);
  }, 60_000);

  it('is exercised by a test of its name', () => {
    const tested = testedNames();
    expect(verbs.filter(({ file, name }) => !tested.has(`${file} ${name}`)).map(placeOf)).toEqual([]);
  });
});

/** All examples in one program, so that the library is read and checked once. */
function problemsOf(all: readonly PublicVerb[]): string[] {
  const { config } = ts.readConfigFile('tsconfig.json', (path) => readFileSync(path, 'utf8')) as { config: object };
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, '.');
  const texts = new Map<string, string>();
  const verbOf = new Map<string, PublicVerb>();
  const given = resolve('tests/examples/given.d.ts');
  texts.set(
    given,
    Object.entries(GIVEN)
      .map(([name, type]) => `declare const ${name}: ${type};`)
      .join('\n'),
  );
  for (const [at, verb] of all.entries()) {
    if (!verb.example) continue;
    const path = resolve(`tests/examples/${at}.ts`);
    texts.set(path, `${verb.example.code}\nexport {};\n`);
    verbOf.set(path, verb);
  }
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  Object.assign(host, {
    fileExists: (path: string) => texts.has(path) || fileExists(path),
    readFile: (path: string) => texts.get(path) ?? readFile(path),
    getSourceFile: (path: string, ...how: [ts.ScriptTarget]) =>
      texts.has(path) ? ts.createSourceFile(path, texts.get(path)!, ...how) : getSourceFile(path, ...how),
  });
  const program = ts.createProgram([...texts.keys()], options, host);
  return [...texts.keys()].flatMap((path) => {
    const source = program.getSourceFile(path);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ start = 0, messageText }) => {
      const words = ts.flattenDiagnosticMessageText(messageText, ' ');
      const verb = verbOf.get(path);
      if (!verb) return `GIVEN: ${words}`;
      const line = verb.example!.firstLine + source!.getLineAndCharacterOfPosition(start).line;
      return `${verb.file}:${line} ${verb.name}: ${words}`;
    });
  });
}

/** Runs each action that its table `INPUTS` names, and fails when one is missing there. */
const ALL_ACTIONS = 'src/lib/chain/actions/explanations.test.ts';

/** `file name` of what test files import or call on an engine, and of the actions in that table. */
function testedNames(): Set<string> {
  const names = new Set<string>();
  for (const path of globSync('{src,tests,cli,server,node}/**/*.test.ts')) {
    const source = parse(path, readFileSync(path, 'utf8'));
    const add = (spec: string, list: readonly (ts.ImportSpecifier | ts.BindingElement)[]) => {
      const file = spec.startsWith('#lib/') ? `src/lib/${spec.slice(5)}` : join(dirname(path), spec);
      for (const { name, propertyName } of list) names.add(`${file} ${(propertyName ?? name).getText()}`);
    };
    walk(source, (node) => {
      if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
        const bindings = node.importClause?.namedBindings;
        if (bindings && ts.isNamedImports(bindings)) add(node.moduleSpecifier.text, bindings.elements);
      } else if (ts.isVariableDeclaration(node) && ts.isObjectBindingPattern(node.name)) {
        const spec = /^await import\('([^']+)'\)$/.exec(node.initializer?.getText() ?? '')?.[1];
        if (spec) add(spec, node.name.elements);
      } else if (path === ALL_ACTIONS && ts.isPropertyAssignment(node) && inTable(node)) {
        const file = verbs.find(({ file: at, name }) => at.includes('/actions/') && name === node.name.getText())?.file;
        names.add(`${file} ${node.name.getText()}`);
      } else if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
        const { expression, name } = node.expression;
        if (!/engine$/i.test(expression.getText())) return;
        for (const file of ['engine', 'training/training-host']) names.add(`src/lib/engine/${file}.ts ${name.text}`);
      }
    });
  }
  return names;
}

const inTable = ({ parent: { parent: table } }: ts.Node): boolean =>
  ts.isVariableDeclaration(table) && table.name.getText() === 'INPUTS';
