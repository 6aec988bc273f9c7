import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { analyseCommand } from './analyse-command.ts';

const ownPrograms = ['aa', 'bb', 'cc', 'dd'];
const systemPrograms = ['bash', 'cat', 'env', 'find', 'nice', 'timeout', 'xargs'];
let directory = '';
let runs = 0;

/** A PATH with nothing but programs that write down their names, and the wrappers. */
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'navis-policy-'));
  mkdirSync(join(directory, 'bin'));
  mkdirSync(join(directory, 'work'));
  for (const name of ownPrograms) {
    writeFileSync(join(directory, 'bin', name), `#!/bin/sh\necho ${name} >> "$LOG"\necho aa\n`, { mode: 0o755 });
  }
  for (const name of systemPrograms) {
    const path = ['/bin', '/usr/bin'].map((folder) => join(folder, name)).find(existsSync);
    if (path !== undefined) symlinkSync(path, join(directory, 'bin', name));
  }
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Which of the own programs bash really runs. */
const reallyRun = (text: string): string[] => {
  const log = join(directory, `log${(runs += 1)}`);
  // A function that calls itself in a pipeline would otherwise fork without end.
  const env = { PATH: join(directory, 'bin'), LOG: log, FUNCNEST: '5' };
  spawnSync('/bin/bash', ['-c', text], { env, cwd: join(directory, 'work'), stdio: 'ignore', timeout: 2000 });
  // What runs in the background may be about to write.
  const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : [];
  return lines.filter((line) => line !== '');
};

const syntax = [
  '; | & && || ( ) ! # * - -- -p = ~ / 1 2>&1 < > <( >( $( ) ` " \\ [[ ]] (( )) $(( {aa,bb} a? $x "$@" $* ${!x}',
  "' $' \\x61a $\" ${x:- } x= x=aa y[ ] <<E <<< X=1 PATH=. f f() then do fi in",
  'eval exec command builtin trap time coproc env nice timeout xargs declare export alias function',
]
  .flatMap((line) => line.split(' '))
  .flatMap((piece) => [piece, `${piece} `])
  .concat('\nE\n', '\n', 'timeout 1 ', 'unset -f f', 'set -- aa');
const shapes: ((inside: string, piece: string, name: string) => string)[] = [
  (inside, _, name) => `if ${inside}; then ${name}; fi`,
  (inside, piece) => `f() { ${inside}; }; ${piece} f`,
  (inside, _, name) => `bash -c '${inside}' ${name}`,
  (inside, piece) => `eval "${inside}" ${piece}`,
  (inside, piece) => `${piece}${inside}${piece}`,
  (inside) => `echo \`${inside}\``,
  (inside) => `cat <<E\n${inside}\nE\n`,
  (inside) => `bash <<E\n${inside}\nE\n`,
  (inside, piece) => `x='${inside}'; ${piece}`,
  (inside, piece, name) => `${inside} | ${piece} ${name}`,
  (inside, piece) => `env ${piece} ${inside}`,
  (inside, piece) => `trap "${inside}" EXIT ${piece}`,
  (inside, piece) => `exec ${piece} ${inside}`,
  (inside) => `find . -exec ${inside} \\;`,
  (inside, piece, name) => `echo ${name} | xargs ${piece} ${inside}`,
  (inside, piece) => `case ${piece} in *) ${inside};; esac`,
  (inside, piece, name) => `${inside} ${piece} ${name}`,
];

test('T27: bash never runs a program that was not named, whatever the text', { timeout: 120_000 }, () => {
  const name = fc.constantFrom(...ownPrograms);
  const shape = fc.tuple(fc.constantFrom(...shapes), fc.constantFrom(...syntax), name);
  const text = fc
    .tuple(name, fc.array(shape, { minLength: 1, maxLength: 4 }))
    .map(([start, around]) => around.reduce((inside, [wrap, piece, other]) => wrap(inside, piece, other), start));
  fc.assert(
    fc.property(text, (command) => {
      const { programs, unknown } = analyseCommand(command);
      if (unknown.length > 0) return;
      for (const run of reallyRun(command)) expect(programs, command).toContain(run);
    }),
    { numRuns: 200 },
  );
});
