// The import law: floors look only down, rooms that share one of the SEPARATE floors never see each other, compute rooms never
// see chain, ipfs or db.

const FLOORS = [
  ['core'],
  ['formats'],
  ['webgpu', 'chain', 'ipfs', 'db'],
  ['dataset', 'model'],
  ['engine'],
  ['attribution', 'datanets', 'factory', 'registry', 'settlement', 'token', 'nodes', 'quests'],
  ['flows'],
  ['state', 'ui'],
];
const SEPARATE = [FLOORS[2], FLOORS[3], FLOORS[5]];
const TESTS = '[.]test[.]ts$';
const rooms = (names) => `^src/lib/(${names.join('|')})/`;
const allRooms = FLOORS.flat();
/** What only src/app may make: shells, stores, the engine, the chain's node, indexer and wallet. */
const PARTS = '^src/lib/((ipfs|db|engine)/|.*/shell/|chain/(embedded|indexer|deploy|wallet)/)';
/** Pure functions that say in words what is signed; pages show them. */
const WORDS_OF_WALLET = '^src/lib/chain/wallet/(explain-[^/]+|voucher-text)[.]ts$';

const neverUp = FLOORS.slice(0, -1).map((floor, at) => ({
  name: `never-up-from-${floor.join('-')}`,
  comment: `${floor.join(', ')}: may import lower floors only`,
  severity: 'error',
  from: { path: rooms(floor), pathNot: TESTS },
  to: { path: rooms(FLOORS.slice(at + 1).flat()) },
}));

const neverSideways = SEPARATE.flatMap((floor) =>
  floor.map((room) => ({
    name: `never-sideways-from-${room}`,
    comment: 'what two rooms of one floor share belongs on a lower floor',
    severity: 'error',
    from: { path: rooms([room]), pathNot: TESTS },
    to: { path: rooms(floor.filter((other) => other !== room)) },
  })),
);

export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'a cycle of types alone, as between a kernel and its reference, does not run',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^[$](app|env|service-worker)' },
    },
    {
      name: 'no-barrels',
      comment: 'import the file that has the thing',
      severity: 'error',
      from: {},
      to: { path: '/index[.]ts$', pathNot: 'node_modules' },
    },
    {
      name: 'known-rooms-only',
      comment: 'a new room needs a floor in this file and in ARCHITECTURE.md',
      severity: 'error',
      from: { path: '^src/lib/', pathNot: rooms(allRooms) },
      to: {},
    },
    {
      name: 'lib-never-sees-its-users',
      severity: 'error',
      from: { path: '^src/lib/', pathNot: TESTS },
      to: { path: '^(src/(app|routes|service-worker)|node|server|cli|tests|bench|scripts)(/|[.])' },
    },
    {
      name: 'compute-never-sees-chain-ipfs-db',
      severity: 'error',
      from: { path: rooms(['core', 'formats', 'webgpu', 'model', 'engine']), pathNot: TESTS },
      to: { path: rooms(['chain', 'ipfs', 'db']) },
    },
    {
      name: 'ui-is-dumb',
      comment: 'components get props and give callbacks',
      severity: 'error',
      from: { path: rooms(['ui']), pathNot: TESTS },
      to: { path: rooms(['flows', 'state', 'db', 'chain', 'ipfs']) },
    },
    {
      name: 'app-composes-lib',
      comment: 'src/app puts the parts of lib together; pages use it, and it sees no page',
      severity: 'error',
      from: { path: '^src/app/', pathNot: TESTS },
      to: { path: '^(src/(routes|service-worker)|node|server|cli|tests|bench|scripts)(/|[.])' },
    },
    {
      name: 'pages-compose-nothing',
      comment: 'a page takes what has to be put together from #app; of these rooms it imports types only',
      severity: 'error',
      from: { path: '^src/routes/', pathNot: TESTS },
      to: { path: PARTS, pathNot: WORDS_OF_WALLET, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'node-sees-lib-only',
      comment: 'what Node needs everywhere; server and cli stand on it',
      severity: 'error',
      from: { path: '^node/', pathNot: TESTS },
      to: { path: '^(src/(app|routes)|server|cli|bench|scripts)/' },
    },
    {
      name: 'app-never-sees-node',
      comment: 'pages run in a browser',
      severity: 'error',
      from: { path: '^src/(app|routes|service-worker)', pathNot: TESTS },
      to: { path: '^(node|server|cli|bench|scripts)/' },
    },
    {
      name: 'server-never-sees-cli',
      severity: 'error',
      from: { path: '^server/', pathNot: TESTS },
      to: { path: '^(src/(app|routes)|cli|bench|scripts)/' },
    },
    {
      name: 'bench-sees-lib-and-node',
      comment: 'the command line and scripts run it',
      severity: 'error',
      from: { path: '^bench/', pathNot: TESTS },
      to: { path: '^(src/(app|routes)|server|cli|scripts)/' },
    },
    {
      name: 'scripts-on-top',
      comment: 'no part of the product imports a script',
      severity: 'error',
      from: { path: '^(src|node|server|cli|bench)/', pathNot: TESTS },
      to: { path: '^scripts/' },
    },
    {
      name: 'cli-never-sees-pages',
      severity: 'error',
      from: { path: '^cli/', pathNot: TESTS },
      to: { path: '^src/(app|routes)/' },
    },
    {
      name: 'app-never-sees-tests',
      severity: 'error',
      from: { path: '^(src|node|cli|server)/', pathNot: TESTS },
      to: { path: '^tests/|[.]test[.]ts$' },
    },
    ...neverUp,
    ...neverSideways,
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
