/** What a grant by its beginning covers of programs that run what a project says (A2). */
import type { CallMatcher, Rule } from '@navisai/protocol';
import { expect, test } from 'vitest';
import { decideCall } from './decide-call.ts';
import type { CallDecision } from './decide-call.ts';

const now = '2026-01-01T00:00:00.000Z';

const rule = (matcher: Partial<CallMatcher>): Rule => ({
  id: 'r_aaaaaaaa',
  effect: 'allow',
  description: '',
  matcher: { tools: ['terminal'], ...matcher },
  userId: 'u',
  sessionId: null,
  nodes: null,
  expiresAt: null,
  createdAt: now,
  createdBy: 'd',
});

const run = (command: string, rules: Rule[] = [], given: object = {}): CallDecision =>
  decideCall({
    mode: 'risky',
    rules,
    place: { home: '/home/me', directory: '/home/me/app' },
    now,
    call: {
      tool: 'terminal',
      arguments: { action: 'run', command, ...given },
      sessionId: 's_aaaaaaaa',
      userId: 'u',
      nodeId: 'main',
    },
  });

const effect = ({ decision }: CallDecision): string => decision.effect;

const grantedFor = (command: string): Rule[] => [rule(run(command).proposed ?? {})];

test.each([
  ['make test', "make test --eval '$(shell touch x)'"],
  ['make test', "make test --ev='$(shell touch x)'"],
  ['make test', 'make test -f /tmp/evil.mk'],
  ['make test', 'make test -fevil.mk'],
  ['make test', 'make test -C sub'],
  ['make test', 'make test -I sub'],
  ['make test', 'make test -kf evil.mk'],
  ['make test', 'make test SHELL=./evil'],
  ['make test', 'make test deploy'],
  ['just test', 'just test --justfile evil'],
  ['just test', 'just test --shell ./evil'],
  ['task test', 'task test -t evil.yml'],
  ['task test', 'task test CMD=evil'],
  ['gradle test', 'gradle test --init-script evil.gradle'],
  ['gradle test', 'gradle test -I evil.gradle'],
  ['mvn test', 'mvn test -f evil.xml'],
  ['mvn test', 'mvn test -s evil.xml'],
  ['mvn test', 'mvn test -Dexec.executable=evil'],
  ['ninja', 'ninja -C sub'],
  ['npm test', 'npm test --prefix sub'],
  ['npm test', 'npm test --pref=sub'],
  ['npm test', 'npm test -C sub'],
  ['npm test', 'npm test --node-options=--require=./evil.js'],
  ['npm test', 'npm test -- --config evil.js'],
  ['npm test', 'npm test -- -c evil.js'],
  ['npm test', 'npm test -- ../other/evil.test.js'],
  ['npm test', 'npm test -- /tmp/evil.test.js'],
  ['yarn test', 'yarn test --cwd sub'],
  ['pnpm test', 'pnpm test --dir sub'],
  ['cargo test', 'cargo test --config evil.toml'],
  ['cargo test', 'cargo test --manifest-path sub/Cargo.toml'],
  ['go test ./x', 'go test -exec ./evil ./x'],
  ['go build', 'go build -toolexec ./evil'],
  ['go build', 'go build -C sub'],
  ['pytest', 'pytest -p evil'],
  ['pytest', 'pytest --rootdir=/tmp'],
  ['pytest', 'pytest /tmp/evil.py'],
  ['eslint src', 'eslint -c evil.js src'],
  ['eslint src', 'eslint --resolve-plugins-relative-to=sub src'],
  ['vitest run', 'vitest run --config evil.ts'],
  ['cmake -S . -B build', 'cmake -P evil.cmake'],
  ['ssh host ls', 'ssh host rm x'],
  ['tmux ls', 'tmux new -d evil'],
  ["sqlite3 x.db 'select 1'", "sqlite3 x.db '.shell rm x'"],
  ['git submodule update', 'git submodule foreach evil'],
])('A2: what was granted for %j does not cover %j', (shown, other) => {
  const rules = grantedFor(shown);
  expect(effect(run(shown, rules))).toBe('allow');
  expect(effect(run(other, rules))).toBe('ask');
});

test.each([
  ['make test', 'make test -j4 -k'],
  ['gradle test', 'gradle build'],
  ['npm test', 'npm test -- src/x.test.ts -t name'],
  ['npm run lint', 'npm run lint -- --fix'],
  ['npm install x', 'npm install -D y'],
  ['cargo test', 'cargo test --release -p x -- --nocapture'],
  ['go test ./x', 'go test -race -run TestX ./y'],
  ['pytest', 'pytest -vv -k name tests/test_x.py::test_y'],
  ['vitest run', 'vitest run --project unit src/x.test.ts'],
  ['tsc', 'tsc --noEmit'],
  ['git add x', 'git add y'],
])('A2: what was granted for %j covers %j', (shown = '', other = '') => {
  expect(effect(run(other, grantedFor(shown)))).toBe('allow');
});

test.each(['make test -f evil.mk', 'make V=1 test', 'npm test -- --config x.js', 'pytest -p x', 'just test a b'])(
  'A2: what a grant proposes for %j covers it',
  (command) => {
    expect(effect(run(command, grantedFor(command)))).toBe('allow');
  },
);

test('A2: a grant covers a file that is named in full where the call runs, and none beside it', () => {
  const rules = [rule({ commandPrefixes: ['npm test'] })];
  const tests = (path: string): CallDecision => run(`npm test -- ${path}`, rules, { working_dir: '/home/me/app' });
  expect(effect(tests('/home/me/app/src/x.test.ts'))).toBe('allow');
  expect(effect(tests('/home/me/other/x.test.ts'))).toBe('ask');
});
