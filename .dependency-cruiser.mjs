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
      name: 'node-sees-lib-only',
      comment: 'what Node needs everywhere; server and cli stand on it',
      severity: 'error',
      from: { path: '^node/', pathNot: TESTS },
      to: { path: '^(src/(app|routes)|server|cli|bench|scripts)/' },
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
