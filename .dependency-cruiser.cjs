/**
 * The walls of the house (docs/architecture.md): imports run downward only, in the order
 * cli → daemon → api → supervisor → {agents, workspace, store, log, access} → {holder, domain} → kernel → contracts,
 * config beside kernel, client beside api (it knows the contracts, never the server).
 */
const floors = [
  ['contracts', []],
  ['kernel', ['contracts']],
  ['config', ['kernel', 'contracts']],
  ['domain', ['kernel', 'contracts']],
  ['holder', ['kernel', 'contracts']],
  ['agents', ['holder', 'domain', 'config', 'kernel', 'contracts']],
  ['workspace', ['holder', 'domain', 'config', 'kernel', 'contracts']],
  ['store', ['domain', 'config', 'kernel', 'contracts']],
  ['access', ['store', 'domain', 'config', 'kernel', 'contracts']],
  ['log', ['store', 'domain', 'config', 'kernel', 'contracts']],
  [
    'supervisor',
    ['agents', 'workspace', 'store', 'log', 'access', 'holder', 'domain', 'config', 'kernel', 'contracts'],
  ],
  ['api', ['supervisor', 'agents', 'workspace', 'store', 'log', 'access', 'domain', 'config', 'kernel', 'contracts']],
  ['client', ['contracts']],
];

const walls = floors.map(([floor, below]) => ({
  name: `${floor}-looks-down-only`,
  severity: 'error',
  from: { path: `^src/${floor}/` },
  to: { path: '^src/', pathNot: [floor, ...below].map((name) => `^src/${name}/`) },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...walls,
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'drivers-never-import-one-another',
      severity: 'error',
      from: { path: '^src/agents/([^/]+)/' },
      to: { path: '^src/agents/([^/]+)/', pathNot: '^src/agents/$1/' },
    },
    {
      name: 'api-folders-never-import-one-another',
      severity: 'error',
      from: { path: '^src/api/([^/]+)/' },
      to: { path: '^src/api/([^/]+)/', pathNot: '^src/api/$1/' },
    },
    {
      name: 'only-the-daemon-and-translate-name-concrete-drivers',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/daemon\\.ts$', '^src/agents/', '(\\.test|-under-test)\\.ts$'] },
      to: { path: '^src/agents/[^/]+/' },
    },
    {
      name: 'only-the-daemon-names-a-concrete-store',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/daemon\\.ts$', '^src/store/', '(\\.test|-under-test)\\.ts$'] },
      to: { path: '^src/store/sqlite/' },
    },
    {
      name: 'source-never-imports-tests',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.ts$' },
      to: { path: ['^test/', '^bench/', '\\.test\\.ts$'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
