/** The arrows of docs/ARCHITECTURE.md and the sizes that files and functions aim at, as data. */

/** Which rooms of this repository a room may import; `any` for what stands outside the product. */
export const arrows: Record<string, readonly string[] | 'any'> = {
  'packages/protocol': [],
  'packages/link': ['packages/protocol'],
  'packages/policy': ['packages/protocol'],
  'packages/machine': ['packages/policy', 'packages/protocol'],
  'packages/remote': ['packages/machine', 'packages/link', 'packages/protocol'],
  'packages/agent': ['packages/protocol'],
  'packages/service': ['packages/protocol'],
  'packages/store': ['packages/protocol'],
  'packages/client': ['packages/link', 'packages/protocol'],
  'packages/testkit': 'any',
  'apps/daemon': [
    'packages/agent',
    'packages/machine',
    'packages/remote',
    'packages/service',
    'packages/store',
    'packages/policy',
    'packages/link',
    'packages/protocol',
  ],
  'apps/node': [
    'packages/agent',
    'packages/machine',
    'packages/remote',
    'packages/service',
    'packages/policy',
    'packages/link',
    'packages/protocol',
  ],
  'apps/bridge': [],
  'apps/cli': ['packages/client', 'packages/protocol'],
  'apps/web': ['packages/client', 'packages/protocol'],
  scripts: 'any',
  tests: 'any',
  bench: 'any',
};

/** Only tests may import this room: it starts and breaks things. */
export const testOnlyRoom = 'packages/testkit';

/** Rooms that run everywhere: outside their `src/node/` nothing of Node.js may be imported. */
export const platformFreeRooms = ['packages/protocol', 'packages/policy', 'packages/link', 'packages/client'];

/** Above an aim is a warning, above twice the aim a failure. */
export const aims = { fileLines: 300, componentLines: 200, functionLines: 40, imports: 15 };

/** Names that say nothing about what is inside. */
export const emptyNames = ['utils', 'util', 'helpers', 'helper', 'common', 'misc', 'shared'];

export function isTestFile(path: string): boolean {
  return /\.(test|suite|fixture)\.ts$/.test(path) || /^(tests|bench|scripts)\//.test(path);
}

/** The room that a file belongs to: the first two folders below packages/ and apps/, else the first. */
export function roomOf(path: string): string {
  const parts = path.split('/');
  const isWorkspace = parts[0] === 'packages' || parts[0] === 'apps';
  return parts.slice(0, isWorkspace ? 2 : 1).join('/');
}
