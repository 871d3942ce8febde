/**
 * @file Who may import whom, as data. A file belongs to the row with the longest prefix of its path. `types` may be
 * imported as types only. Packages are listed where they are allowed; `node:` is Node itself.
 */

export interface Row {
  readonly folder: string;
  readonly may: readonly string[];
  readonly types?: readonly string[];
  readonly packages?: readonly string[];
}

const NODE = 'node:';
/** The only writers there are. */
const FILES = 'src/main/files';
const SHARED = ['src/shared/domain', 'src/shared/lib'];
const DOOR = ['src/main/engine/protocol.ts', 'src/main/engine/job-context.ts'];
const BACKEND = 'src/main/engine/backends/backend.ts';
/** What backends share beside. */
const SHARED_BY_BACKENDS = ['pending.ts'].map((name) => `src/main/engine/backends/${name}`);
/** What of datasets runs in the host: pages of bounded size. Whatever goes through a file is a worker's. */
const ROWS_IN_THE_HOST = ['cut-value.ts', 'edited-rows.ts', 'row-file.ts'].map((name) => `src/main/datasets/${name}`);
const engine = (...names: readonly string[]) => names.map((name) => `src/main/engine/${name}`);

const renderer = (...names: readonly string[]) => names.map((name) => `src/renderer/${name}`);
/** One folder a noun under src/renderer/features. */
const FEATURES = ['home', 'models', 'datasets', 'inspector', 'train', 'runs', 'compare', 'settings'];
/** What pages are made of. */
const PAGE = [
  'react',
  'react-dom',
  '@mantine',
  '@tabler/icons-react',
  '@tanstack',
  'react-i18next',
  'i18next',
  'wouter',
  'uplot',
  'diff',
  'zod',
  '@fontsource-variable',
];

export const IMPORT_TABLE: readonly Row[] = [
  { folder: 'src/shared/lib', may: [], packages: ['zod'] },
  { folder: 'src/shared/domain', may: ['src/shared/lib'], packages: ['zod'] },
  { folder: 'src/shared/contract', may: SHARED, packages: ['zod', '@orpc/contract'] },
  // The page. Features know each other not at all; `app` alone puts them together.
  { folder: 'src/renderer/main.tsx', may: [...renderer('app', 'lib', 'theme')], packages: ['react', 'react-dom'] },
  {
    folder: 'src/renderer/app',
    may: [...SHARED, 'src/shared/contract', 'src/renderer/features', ...renderer('api', 'components', 'theme', 'lib', 'i18n')],
    packages: PAGE,
  },
  {
    folder: 'src/renderer/api',
    may: [...SHARED, 'src/shared/contract', ...renderer('lib')],
    packages: [...PAGE, '@orpc/client', '@orpc/tanstack-query', 'partysocket'],
  },
  ...FEATURES.map((name) => ({
    folder: `src/renderer/features/${name}`,
    may: [...SHARED, 'src/shared/contract', ...renderer('api', 'components', 'theme', 'lib', 'i18n')],
    packages: PAGE,
  })),
  { folder: 'src/renderer/components', may: [...SHARED, ...renderer('theme', 'lib', 'i18n')], packages: PAGE },
  { folder: 'src/renderer/theme', may: [], packages: PAGE },
  { folder: 'src/renderer/lib', may: SHARED, packages: PAGE },
  { folder: 'src/renderer/i18n', may: SHARED, packages: PAGE },
  { folder: 'src/preload', may: ['src/shared/domain/page-port.ts'], packages: ['electron'] },
  // Entries and what puts services together for them. Electron is known to `index.ts` and `app/electron` alone.
  { folder: FILES, may: SHARED, packages: [NODE, 'koffi'] },
  {
    folder: 'src/main/index.ts',
    may: [...SHARED, FILES, 'src/main/app', 'src/main/studio.ts', 'src/main/engine-host', 'src/main/worker-host'],
    packages: [NODE, 'electron'],
  },
  { folder: 'src/main/browser.ts', may: [...SHARED, FILES, 'src/main/app', 'src/main/studio.ts'], packages: [NODE] },
  {
    folder: 'src/main/studio.ts',
    may: [...SHARED, 'src/main/app/paths.ts', 'src/main/registry', 'src/main/services', 'src/main/worker-host'],
    packages: [NODE],
  },
  { folder: 'src/main/rpc', may: [...SHARED, 'src/shared/contract', 'src/main/services'], packages: [NODE, '@orpc/server'] },
  { folder: 'src/main/registry', may: [...SHARED, FILES], packages: [NODE, 'zod', 'better-sqlite3'] },
  { folder: 'src/main/app', may: [...SHARED, FILES, 'package.json'], packages: [NODE, 'zod'] },
  {
    folder: 'src/main/app/electron',
    may: [...SHARED, 'src/main/app', 'src/main/rpc', 'src/main/engine-host', 'src/main/worker-host'],
    types: ['src/main/services'],
    packages: [NODE, 'electron', '@orpc/server'],
  },
  {
    folder: 'src/main/app/browser',
    may: [...SHARED, FILES, 'src/main/app', 'src/main/rpc'],
    types: ['src/main/services'],
    packages: [NODE, '@orpc/server', 'ws', 'open'],
  },
  { folder: 'src/main/app/transfer', may: [...SHARED, 'src/main/app', 'src/main/worker-host'], types: ['src/main/services'], packages: [NODE] },
  {
    folder: 'src/main/cli',
    may: [
      ...SHARED,
      FILES,
      'src/main/app/paths.ts',
      'src/main/app/open-data-folder.ts',
      'src/main/app/end-signals.ts',
      'src/main/app/last-resort.ts',
      'src/main/services',
      'src/main/studio.ts',
    ],
    packages: [NODE],
  },
  {
    folder: 'src/main/services',
    may: [...SHARED, FILES, 'src/main/registry', ...ROWS_IN_THE_HOST, 'src/main/hub', 'src/main/engine-host', 'src/main/worker-host'],
    types: ['src/shared/contract', 'src/main/datasets'],
    packages: [NODE, 'zod'],
  },
  { folder: 'src/main/datasets', may: [...SHARED, FILES], packages: [NODE, 'zod'] },
  // Heavy work on files, in a process of its own, and the host's side of it.
  {
    folder: 'src/main/worker',
    may: [...SHARED, 'src/main/files/compiled-code.ts', 'src/main/engine/host-gone.ts', 'src/main/datasets'],
    packages: [NODE, 'zod', 'fflate'],
  },
  {
    folder: 'src/main/worker-host',
    may: [...SHARED, 'src/main/files/compiled-code.ts', 'src/main/worker/protocol.ts'],
    types: ['src/main/worker'],
    packages: [NODE],
  },
  {
    folder: 'src/main/engine-host',
    may: [...SHARED, 'src/main/files/compiled-code.ts', 'src/main/engine/protocol.ts', 'src/main/engine/memory-plan.ts'],
    packages: [NODE, 'zod'],
  },
  // The engine. Its own files at the top put the parts together; nobody outside but the host names one of them.
  { folder: 'src/main/engine', may: [...SHARED, FILES, 'src/main/engine'], packages: [NODE, 'zod'] },
  { folder: 'src/main/engine/protocol.ts', may: SHARED, packages: ['zod'] },
  { folder: 'src/main/engine/job-context.ts', may: ['src/main/engine/protocol.ts'], types: [BACKEND] },
  { folder: 'src/main/engine/ir', may: [] },
  { folder: 'src/main/engine/ops', may: ['src/shared/lib', ...engine('ir')] },
  { folder: 'src/main/engine/autodiff', may: engine('ir', 'ops/catalog.ts') },
  { folder: BACKEND, may: engine('ir') },
  ...SHARED_BY_BACKENDS.map((folder) => ({ folder, may: ['src/shared/lib', BACKEND, ...engine('ir')], packages: [NODE] })),
  { folder: 'src/main/engine/backends/reference', may: ['src/shared/lib', BACKEND, ...SHARED_BY_BACKENDS, ...engine('ir', 'ops')], packages: [NODE] },
  {
    folder: 'src/main/engine/backends/onnx',
    may: ['src/shared/lib', FILES, BACKEND, ...SHARED_BY_BACKENDS, ...engine('ir', 'ops')],
    packages: [NODE, 'onnxruntime-node', 'onnx-buf', '@bufbuild/protobuf'],
  },
  {
    folder: 'src/main/engine/backends/cuda',
    may: ['src/shared/lib', BACKEND, ...SHARED_BY_BACKENDS, ...engine('ir', 'ops')],
    packages: [NODE, 'koffi', 'zod'],
  },
  { folder: 'src/main/engine/nn', may: [...SHARED, ...engine('ir', 'ops')] },
  { folder: 'src/main/engine/models', may: [...SHARED, ...engine('ir', 'ops', 'nn', 'weights')], types: [BACKEND], packages: [NODE, 'zod'] },
  { folder: 'src/main/engine/weights', may: [...SHARED, FILES], packages: [NODE, 'zod'] },
  { folder: 'src/main/engine/text', may: SHARED, packages: [NODE, 'zod', 'tokenizers', '@huggingface/jinja'] },
  { folder: 'src/main/engine/data', may: [...SHARED, FILES, ...engine('text')], packages: [NODE, 'zod'] },
  { folder: 'src/main/engine/adapters', may: [...SHARED, FILES, ...engine('nn', 'weights')], packages: [NODE, 'zod'] },
  { folder: 'src/main/engine/export', may: [...SHARED, FILES, ...DOOR, ...engine('models', 'weights', 'adapters')], packages: [NODE] },
  {
    folder: 'src/main/engine/generate',
    may: [...SHARED, ...DOOR, BACKEND, ...engine('ir', 'ops', 'nn', 'models', 'text', 'data', 'weights', 'adapters')],
    packages: [NODE],
  },
  {
    folder: 'src/main/engine/train',
    may: [...SHARED, FILES, ...DOOR, BACKEND, ...engine('ir', 'ops', 'autodiff', 'nn', 'models', 'text', 'data', 'weights', 'generate', 'adapters')],
    packages: [NODE, 'zod'],
  },
];

/** Edges beyond the table, each with its reason; an edge that is gone must leave this list too. */
export const KNOWN_DEVIATIONS: readonly { readonly from: string; readonly to: string; readonly why: string }[] = [];

/** Folders and files at each closed level; a new one needs an ADR (docs/adr) and a line here. */
export const CLOSED_LEVELS: Readonly<Record<string, readonly string[]>> = {
  src: ['main', 'preload', 'renderer', 'shared'],
  'src/preload': [],
  'src/renderer': ['api', 'app', 'components', 'features', 'i18n', 'lib', 'public', 'theme'],
  'src/renderer/features': FEATURES,
  'src/shared': ['contract', 'domain', 'lib'],
  'src/main': ['app', 'cli', 'datasets', 'engine', 'engine-host', 'files', 'registry', 'rpc', 'services', 'worker', 'worker-host'],
  'src/main/services': ['compare', 'datasets', 'inspector', 'machine', 'models', 'runs', 'studio'],
  'src/main/engine': ['adapters', 'autodiff', 'backends', 'data', 'export', 'generate', 'ir', 'models', 'nn', 'ops', 'text', 'train', 'weights'],
  'src/main/engine/backends': ['cuda', 'onnx', 'reference'],
  resources: ['kernels', 'starter'],
  test: [
    'architecture',
    'backends',
    'bad-input',
    'cli',
    'e2e',
    'fixtures',
    'fuzz',
    'gpu',
    'integration',
    'invariants',
    'ir',
    'parity',
    'security',
    'starter',
    'support',
    'torture',
  ],
};
