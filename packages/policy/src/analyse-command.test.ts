import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { analyseCommand } from './analyse-command.ts';

const programs = (command: string): string[] => {
  const { programs: found, unknown } = analyseCommand(command);
  expect(unknown, command).toEqual([]);
  return found;
};
const isUnknown = (command: string): boolean => analyseCommand(command).unknown.length > 0;

describe('T27: every program that a command line names is found', () => {
  const corpus: [command: string, expected: string[]][] = [
    ['ls', ['ls']],
    ['', []],
    ['# only a comment', []],
    ['ls -la; cat x && rm y || id & wc', ['ls', 'cat', 'rm', 'id', 'wc']],
    ['a | b |& c', ['a', 'b', 'c']],
    ['! a', ['a']],
    ['time -p a', ['a']],
    ['(a; b)', ['a', 'b']],
    ['{ a; b; }', ['a', 'b']],
    ['if a; then b; elif c; then d; else e; fi', ['a', 'b', 'c', 'd', 'e']],
    ['for x in $(a) `b`; do c; done', ['a', 'b', 'c']],
    ['for ((i = $(a); i < 3; i++)); do b; done', ['a', 'b']],
    ['while a; do b; done < <(c)', ['a', 'b', 'c']],
    ['case $(a) in $(b)) c ;; *) d ;; esac', ['a', 'b', 'c', 'd']],
    ['echo "x $(a "$(b)") `c \\`d\\``"', ['b', 'a', 'd', 'c', 'echo']],
    ['x=$(a) y=(1 $(b)) z[$(c)]=2', ['a', 'b', 'c']],
    ['echo ${x:-$(a)} ${y/$(b)/$(c)} ${z:$(d):1}', ['a', 'b', 'c', 'd', 'echo']],
    ['echo $(( $(a) + x[$(b)] ))', ['a', 'b', 'echo']],
    ['(( $(a) ))', ['a']],
    ['[[ -f $(a) && $(b) == c ]]', ['a', 'b']],
    ['diff <(a) >(b)', ['a', 'b', 'diff']],
    ['> "$(a)" b 2> $(c)', ['a', 'c', 'b']],
    ['cat <<EOF\n$(a) `b` \\$(c)\nEOF', ['a', 'b', 'cat']],
    ["cat <<'EOF'\n$(a)\nEOF", ['cat']],
    ['cat <<< "$(a)"', ['a', 'cat']],
    ['coproc a { b; }', ['b']],
    ['coproc a', ['a']],
    ['cd /tmp && export X=1; set -e; exit 3', []],
    ['test -f x && [ -d y ] && true && echo hi', ['test', '[', 'true', 'echo']],
    ['l"s" \\c\\a\\t', ['ls']],
    ["$'\\x72m' x", ['rm']],
    ['r\\\nm x', ['rm']],
    ['./ls; /tmp/ls; ~/ls', ['./ls', '/tmp/ls', '~/ls']],
    ['f() { a; }; f', ['a']],
    ['function f { a; }; f | f; x=$(f)', ['a']],
    ['f; f() { a; }', ['f', 'a']],
    ['false || f() { :; }; f', ['false', 'f']],
    ['f() { a; }; for i in 1 2; do f; unset -f f; done', ['a', 'f']],
    ['f() { a; }; env f', ['a', 'env', 'f']],
    ['ls() { rm; }; ls', ['rm']],
  ];
  test.each(corpus)('%j', (command, expected) => {
    expect(programs(command)).toEqual(expected);
  });
});

describe('T27: programs and texts run by other programs are found', () => {
  const corpus: [command: string, expected: string[]][] = [
    ["bash -c 'a | b'", ['bash', 'a', 'b']],
    ["bash -exc 'a' b", ['bash', 'a']],
    ["bash --norc -o pipefail +x -c -e 'a'", ['bash', 'a']],
    ["/bin/sh -c 'a'", ['/bin/sh', 'a']],
    ['bash -c "bash -c \'a \\"\\$(b)\\"\'"', ['bash', 'b', 'a']],
    ['bash <<EOF\na\nb\nEOF', ['bash', 'a', 'b']],
    ['{ bash; } <<< "a"', ['bash', 'a']],
    ["bash -s x <<< 'a'", ['bash', 'a']],
    ['bash script.sh; bash; sh -l', ['bash', 'sh']],
    ['bash < /dev/null', ['bash']],
    ['sudo -u root -n FOO=1 a b', ['sudo', 'a']],
    ['sudo -nu root --chdir=/ -- a', ['sudo', 'a']],
    ['env', ['env']],
    ['env -i -u X A=1 nice -n 5 nohup setsid -f a', ['env', 'nice', 'nohup', 'setsid', 'a']],
    ['nice -10 a', ['nice', 'a']],
    ['timeout -k 5 --signal=KILL 10 a', ['timeout', 'a']],
    ['command a; command -v b; builtin eval c; exec -a x d', ['a', 'c', 'd']],
    ['exec 3> file', []],
    ["eval a 'b; c'", ['a', 'c']],
    ["trap 'a; b' EXIT; trap - INT; trap", ['a', 'b']],
    ['a | xargs -0 -n 1 b', ['a', 'xargs', 'b']],
    ['a | xargs', ['a', 'xargs', 'echo']],
    ["a | xargs -I {} sh -c 'b'", ['a', 'xargs', 'sh', 'b']],
    ['find . -name "*.c" -exec a {} + -o -execdir b \\;', ['find', 'a', 'b']],
    ['find src/* -ok sudo a {} \\;', ['find', 'sudo', 'a']],
    ['/usr/bin/time -v a', ['/usr/bin/time', 'a']],
    ['busybox sh -c a', ['busybox', 'sh', 'a']],
    ["su root -c 'a'", ['su', 'a']],
    ["script -qc 'a' /dev/null", ['script', 'a']],
    ["flock /tmp/lock a; flock /tmp/lock -c 'b'", ['flock', 'a', 'b']],
    ["watch -n 1 'a | b'", ['watch', 'a', 'b']],
    ['strace -f -o x a', ['strace', 'a']],
    ['f() { a; }; eval f', ['a']],
    ['f() { a; }; bash -c f', ['a', 'bash', 'f']],
    ['git log --oneline; tar xf x.tgz; ssh host ls', ['git', 'tar', 'ssh']],
    ['export A=1 B="$x"; declare -a c=(1 2); read -r line', ['read']],
  ];
  test.each(corpus)('%j', (command, expected) => {
    expect(programs(command)).toEqual(expected);
  });
});

describe('T27: what only shows when it runs is unknown', () => {
  test.each([
    '$x',
    '"$@"',
    '$(echo rm) x',
    '`echo rm`',
    '/bin/l*',
    '{rm,-rf,x}',
    '"" x',
    'r${x}m',
    '${x:-ls}',
    '?s',
    'echo "a',
    'if true; then',
    'a )',
    'echo $(',
    "echo 'x",

    'bash -c "$x"',
    'bash -c',
    'echo a | bash',
    'echo a | { bash; }',
    'bash < file',
    'bash <(a)',
    'bash /dev/stdin',
    'cat x | while true; do sh; done',
    'f() { bash; }; a | f',
    'bash <<EOF\n$x\nEOF',
    'a > >(bash)',
    'bash "$f"',
    'eval "$x"',
    'eval $(a)',
    'source <(a)',
    '. /dev/stdin',
    'trap "$x" EXIT',
    'bash --rcfile x',
    'exec < x; bash',
    'PATH=/tmp ls',
    'LD_PRELOAD=x ls',
    'export PATH=/tmp',
    "export 'PATH=/x'",
    'export "$x=1"',
    'env PATH=/x ls',
    'sudo LD_PRELOAD=x ls',
    'BASH_ENV=x bash -c a',
    'PS4=x',
    'for PATH in /tmp; do ls; done',
    ': ${PATH:=/tmp}',

    'unset PATH',
    'printf -v PATH /tmp',
    'read PATH',
    'declare -n r=x',
    'PAGER=x git log',
    'GIT_SSH_COMMAND=x git fetch',
    'alias ls=rm',
    'hash -p /tmp/x ls',
    'enable -f x y',
    'mapfile -C a -c 1 x',
    'complete -C a b',
    'echo ${x@P}',
    'echo ${!x}',
    "a='b[$(c)]'",
    "test -v 'x[$(a)]'",
    "let 'x[$(a)]=1'",
    'printf -v "x[\\$(a)]" 1',

    'a | xargs $x',
    'a | xargs sudo',
    'a | xargs -I% %',
    'a | xargs -I% sh -c "b %"',
    'a | xargs bash',
    'a | xargs env',
    'find . -exec {} \\;',
    "find . -exec sh -c 'a {}' \\;",
    'find "$x" rm {} \\;',
    'find * -name x',

    'sudo -i',
    'sudo -s a',
    'sudo --unknown a',
    'sudo "$x" a',
    'sudo -u $x a',
    'env -S "a b"',
    'env = ls',
    'env "$x" ls',
    'nice "$x"',

    'parallel a ::: 1',
    'systemd-run a',
    'bwrap a',
    "zsh -c 'a'",
    'fish -c a',
    'a | zsh',
    'tar xf x --to-command=a',

    'git -c core.pager=a log',
    'ssh -o ProxyCommand=a host',
    'timeout "$x" a',
    'fd x -x a',
    'sort --compress-program=a',
    'f() { "$@"; }; f rm',
    'su -c "$x"',
    'flock -c $x',
    'watch "$x"',
  ])('%j', (command) => {
    expect(isUnknown(command)).toBe(true);
  });

  test('texts nested deeper than they are read are unknown', () => {
    expect(isUnknown(`${'eval '.repeat(5)}a`)).toBe(false);
    expect(isUnknown(`${'eval '.repeat(20)}a`)).toBe(true);
    expect(isUnknown(`${'sudo '.repeat(20)}a`)).toBe(true);
    expect(isUnknown(`${'$('.repeat(5000)}a${')'.repeat(5000)}`)).toBe(true);
    expect(isUnknown(`${'( '.repeat(20_000)}a${' )'.repeat(20_000)}`)).toBe(true);
  });
});

describe('T27: properties', () => {
  const leaf = fc.integer({ min: 0, max: 99 }).map((number) => `prog${number}`);
  const wrappers: ((text: string) => string)[] = [
    (text) => `echo "$(${text})"`,
    (text) => `x=\`true\`; (${text})`,
    (text) => `{ ${text}\n}`,
    (text) => `if ${text}\nthen :; fi`,
    (text) => `for i in 1; do ${text}\ndone`,
    (text) => `cat <(${text})`,
    (text) => `f() { ${text}\n}`,
    (text) => `bash -c ${quote(text)}`,
    (text) => `sudo -n env A=1 sh -ec ${quote(text)}`,
    (text) => `eval ${quote(text)}`,
    (text) => `bash <<'X${text.length}'\n${text}\nX${text.length}\n`,
    (text) => `cat <<Y${text.length}\n$(${text})\nY${text.length}\n`,
    (text) => `find . -exec sh -c ${quote(text)} \\;`,
    (text) => `trap ${quote(text)} EXIT`,
    (text) => `echo \${x:-$(${text})}`,
    (text) => `[[ -n $(${text}) ]]`,
  ];
  const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  const joiners = [' ; ', ' && ', ' || ', '\n', ' & '];
  const { command } = fc.letrec<{ command: { text: string; leaves: string[] } }>((tie) => ({
    command: fc.oneof(
      { maxDepth: 4 },
      leaf.map((name) => ({ text: name, leaves: [name] })),
      fc
        .tuple(tie('command'), fc.constantFrom(...wrappers))
        .map(([inside, wrap]) => ({ text: wrap(inside.text), leaves: inside.leaves })),
      fc.tuple(tie('command'), fc.constantFrom(...joiners), tie('command')).map(([left, joiner, right]) => ({
        text: `{ ${left.text}\n}${joiner}{ ${right.text}\n}`,
        leaves: [...left.leaves, ...right.leaves],
      })),
    ),
  }));

  test('no program hides in any combination of syntax and wrappers', () => {
    fc.assert(
      fc.property(command, ({ text, leaves }) => {
        const { programs: found, unknown } = analyseCommand(text);
        expect(unknown.length > 0 || leaves.every((name) => found.includes(name)), text).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  test('any text at all is answered, without an exception', () => {
    const piece = fc.constantFrom(
      ...'$(){}[]`\'"\\ \n;|&<>#!=*?~-'.split(''),
      'a',
      'if',
      'do',
      '<<EOF',
      'bash',
      '-c',
      '$((',
      '${',
      '[[',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((pieces) => pieces.join('')),
        ),
        (text) => void analyseCommand(text),
      ),
      {
        numRuns: 1000,
      },
    );
  });
});
