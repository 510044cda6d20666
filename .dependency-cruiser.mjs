// The import law, as a table: what each place may not import, and why. Floors look only down, rooms that share one of the SEPARATE
// floors never see each other, compute rooms never see chain, ipfs or db.

const FLOORS = [
  ['core'],
  ['formats'],
  ['webgpu', 'chain', 'ipfs', 'files', 'db'],
  ['dataset', 'model'],
  ['engine'],
  ['attribution', 'datanets', 'factory', 'registry', 'settlement', 'token', 'nodes', 'quests'],
  ['flows'],
  ['state', 'ui'],
];
const SEPARATE = [FLOORS[2], FLOORS[3], FLOORS[5]];
/** Inside chain/ each of these folders sees those before it. Files at the top of chain/ are seen by all. */
const CHAIN = ['words', 'tx', 'vouchers', 'actions', 'reads', 'wallet'];
/** What only src/app may make: shells, stores, the engine, the chain's node, indexer and wallet. */
const PARTS = '^src/lib/((ipfs|db|engine)/|.*/shell/|chain/(embedded|indexer|deploy|wallet)/)';
/** Pure functions that say in words what is signed; pages show them. */
const WORDS_OF_WALLET = '^src/lib/chain/wallet/(explain-[^/]+|voucher-text)[.]ts$';
const TESTS = '[.]test[.]ts$';

const rooms = (...names) => `^src/lib/(${names.join('|')})/`;
const chain = (...names) => `^src/lib/chain/(${names.join('|')})/`;
/** Folders beside src/lib, and files at the top of src. */
const parts = (...names) => `^(${names.join('|')})(/|[.])`;

/** Tests may import anything, so no rule reads them. */
const never = (name, from, to, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from, pathNot: TESTS },
  to: typeof to === 'string' ? { path: to } : to,
});

/** From where, what is never imported, why. */
const PLACES = {
  'lib-never-sees-its-users': [
    '^src/lib/',
    parts('src/(app|routes|service-worker)', 'node', 'server', 'cli', 'tests', 'bench', 'scripts'),
    'a library imports none of its users',
  ],
  'compute-never-sees-chain-ipfs-db': [
    rooms('core', 'formats', 'webgpu', 'model', 'engine'),
    rooms('chain', 'ipfs', 'db'),
    'a model computes without a network',
  ],
  'ui-is-dumb': [
    rooms('ui'),
    rooms('flows', 'state', 'db', 'chain', 'ipfs'),
    'components get props and give callbacks',
  ],
  'app-composes-lib': [
    '^src/app/',
    parts('src/(routes|service-worker)', 'node', 'server', 'cli', 'tests', 'bench', 'scripts'),
    'src/app puts the parts of lib together; pages use it, and it sees no page',
  ],
  'pages-compose-nothing': [
    '^src/routes/',
    { path: PARTS, pathNot: WORDS_OF_WALLET, dependencyTypesNot: ['type-only'] },
    'a page takes what has to be put together from #app; of these rooms it imports types only',
  ],
  'pages-name-no-contract': [
    '^src/(app|routes)/',
    chain('abi'),
    'what is read from a contract or sent to it is an action or a read of src/lib/chain',
  ],
  'node-sees-lib-only': [
    '^node/',
    '^(src/(app|routes)|server|cli|bench|scripts)/',
    'what Node needs everywhere; server and cli stand on it',
  ],
  'app-never-sees-node': [
    '^src/(app|routes|service-worker)',
    '^(node|server|cli|bench|scripts)/',
    'pages run in a browser',
  ],
  'server-never-sees-cli': ['^server/', '^(src/(app|routes)|cli|bench|scripts)/', 'the pinner runs without a terminal'],
  'bench-sees-lib-and-node': [
    '^bench/',
    '^(src/(app|routes)|server|cli|scripts)/',
    'the command line and scripts run it',
  ],
  'scripts-on-top': ['^(src|node|server|cli|bench)/', '^scripts/', 'no part of the product imports a script'],
  'cli-never-sees-pages': ['^cli/', '^src/(app|routes)/', 'the command line shows no page'],
  'app-never-sees-tests': ['^(src|node|cli|server)/', '^tests/|[.]test[.]ts$', 'what is shipped holds no test'],
  'chain-wallet-never-sees-actions': [
    chain('wallet'),
    chain('actions', 'reads'),
    'a wallet explains and signs calls; it composes none',
  ],
};

const floors = FLOORS.slice(0, -1).map((floor, at) =>
  never(
    `never-up-from-${floor.join('-')}`,
    rooms(...floor),
    rooms(...FLOORS.slice(at + 1).flat()),
    `${floor.join(', ')}: may import lower floors only`,
  ),
);
const neighbours = SEPARATE.flatMap((floor) =>
  floor.map((room) =>
    never(
      `never-sideways-from-${room}`,
      rooms(room),
      rooms(...floor.filter((other) => other !== room)),
      'what two rooms of one floor share belongs on a lower floor',
    ),
  ),
);
const chainFolders = CHAIN.slice(0, -1).map((folder, at) =>
  never(
    `never-up-from-chain-${folder}`,
    chain(folder),
    chain(...CHAIN.slice(at + 1)),
    `chain/${folder}: of the ordered folders it may import earlier ones only`,
  ),
);

/** These hold for every file, tests included. */
const always = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to });

export default {
  forbidden: [
    always(
      'no-cycles',
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
      'a cycle of types alone, as between a kernel and its reference, does not run',
    ),
    always(
      'no-unresolvable',
      {},
      { couldNotResolve: true, pathNot: '^[$](app|env|service-worker)' },
      'an import leads to a file',
    ),
    always('no-barrels', {}, { path: '/index[.]ts$', pathNot: 'node_modules' }, 'import the file that has the thing'),
    always(
      'known-rooms-only',
      { path: '^src/lib/', pathNot: rooms(...FLOORS.flat()) },
      {},
      'a new room needs a floor in this file and in ARCHITECTURE.md',
    ),
    always('chain-abi-sees-nothing', { path: chain('abi') }, { path: '^src/' }, 'generated from the contracts'),
    ...Object.entries(PLACES).map(([name, row]) => never(name, ...row)),
    ...floors,
    ...neighbours,
    ...chainFolders,
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(node_modules|^build|[.]svelte-kit)' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['svelte', 'browser', 'import', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.svelte', '.json', '.wgsl', '.d.ts'],
    },
  },
};
