/** Command lines whose words hide what they run (A1). None of them may run unasked. */
import { lines } from './lines.fixture.ts';

export const disguisedCommands: Readonly<Record<string, readonly string[]>> = {
  'other names and quotes': lines(String.raw`
    r\m x
    'rm' x
    "rm" x
    r''m x
    r""m x
    $'rm' x
    $'\x72\x6d' x
    $'\162\155' x
    $"rm" x
    \rm x
    /bin/rm x
    /usr/bin/rm x
    /usr/bin/../bin/rm x
    /bin/./rm x
    //bin/rm x
    ./rm x
    ../ls
    ~/bin/ls
    /tmp/ls
    bin/ls
    ls; rm x
    ls & rm x
    ls && rm x
    ls || rm x
    ls | rm x
    ls |& rm x
    ! rm x
    (rm x)
    { rm x; }
    if rm x; then :; fi
    if true; then rm x; fi
    while rm x; do break; done
    until rm x; do break; done
    for i in 1; do rm x; done
    for ((;;)); do rm x; done
    case x in x) rm x;; esac
    select x in a; do rm x; done
    coproc rm x
    time rm x
    [[ -n $(rm x) ]]
    (( $(rm x) ))
    : $(rm x)
    true "$(rm x)"
    true $'a' "b$(rm x)c"
    echo $((1 + $(rm x)))
    echo \${x:-$(rm x)}
    x=$(rm x)
    x=(a $(rm x))
    x[$(rm x)]=1
    ls $(rm x)
    ls <(rm x)
    ls > >(rm x)
    cat <<< $(rm x)
    echo "\`rm x\`"
    function f { rm x; }; f
    f() { rm x; }
    ls() { rm x; }; ls
    f() { f; }; f
    trap 'rm x' EXIT
    trap "rm x" DEBUG
    trap - INT; trap 'rm x' 0
  `).map((line) => line.replaceAll('\\`', '`').replaceAll('\\${', '${')),
  'only known when it runs': lines(String.raw`
    $x
    "$x"
    $x y
    "$@"
    $*
    $(echo rm) x
    $(cat cmd)
    ${'`'}echo rm${'`'} x
    {rm,x}
    r{m,} x
    /bin/r? x
    /bin/r* x
    ?m x
    [r]m x
    ~+/x
    ${'$'}{x}
    ${'$'}{x:-rm} y
    ${'$'}{x:=rm} y
    ${'$'}{!x} y
    ${'$'}{x@P}
    ${'$'}{PATH:0:1}bin/rm x
    eval "$x"
    eval $x
    eval rm x
    eval 'r''m x'
    eval "ls; rm x"
    exec rm x
    exec $x
    command rm x
    command -p rm x
    builtin eval rm x
    builtin . x
    . x
    . ./x
    source x
    source <(rm x)
    source /dev/stdin
    cat $x
    cat "$(find . -name x)"
    head -n 1 "$f"
    grep x $files
    cat < $x
    cat < "$(x)"
    ls > $x
    wc -l < "$f"
    set -- rm x; "$@"
    alias ls=rm
    alias ls='rm x'; ls
    unalias -a
    hash -p /tmp/x ls
    enable -f x.so x
    complete -C rm x
    bind -x '"a":rm x'
    fc -s rm=ls
    mapfile -C 'rm x' -c 1 y
    printf -v PATH /tmp
    printf -v 'x[$(rm x)]' 1
    read PATH
    declare -n r=PATH
    test -v 'x[$(rm x)]'
    let 'x[$(rm x)]=1'
    a='b[$(rm x)]'
    cd "$x"
    cd $(x)
    cd -
    pushd $x
  `),
  heredocs: [
    'bash <<EOF\nrm x\nEOF',
    "bash <<'EOF'\nrm x\nEOF",
    'bash <<-EOF\n\trm x\n\tEOF',
    'sh -s <<EOF\nrm x\nEOF',
    'cat <<EOF | bash\nrm x\nEOF',
    'cat <<EOF\n$(rm x)\nEOF',
    'cat <<EOF\n`rm x`\nEOF',
    'cat <<EOF > x.sh\nrm\nEOF',
    'python3 <<EOF\nx\nEOF',
    'node <<EOF\nx\nEOF',
    'psql <<EOF\ndrop table x;\nEOF',
    'ssh host <<EOF\nrm x\nEOF',
    'ed x <<EOF\nw\nEOF',
    'xargs rm <<EOF\nx\nEOF',
    'while read x; do $x; done <<EOF\nrm\nEOF',
    'ls <<EOF; rm x\nEOF',
    'ls\nrm x',
    'ls \\\n; rm x',
    'r\\\nm x',
    'ls # \nrm x',
  ],
  'environment prefixes': lines(String.raw`
    PATH=/tmp ls
    PATH=. ls
    LD_PRELOAD=x ls
    LD_LIBRARY_PATH=x ls
    BASH_ENV=x bash -c ls
    ENV=x sh -c ls
    PS4='$(rm x)' bash -xc ls
    PROMPT_COMMAND='rm x'
    IFS=x
    GIT_PAGER='rm x' git log
    GIT_SSH_COMMAND=x git log
    GIT_EXTERNAL_DIFF=x git diff
    GIT_CONFIG_COUNT=1 git log
    GIT_DIR=/tmp git status
    PAGER=x man ls
    MANPAGER=x man ls
    LESSOPEN='|rm x' less y
    LESSCLOSE=x less y
    LESS='+!rm' less y
    EDITOR=x git log
    NODE_OPTIONS='-r x' node --version
    PYTHONSTARTUP=x python3 --version
    PERL5OPT=x ls
    RUBYOPT=x ls
    GREP_OPTIONS=x grep y z
    RIPGREP_CONFIG_PATH=x rg y
    JQ_X=1 jq . x
    TAR_OPTIONS=x tar tf y
    MAKEFLAGS=x ls
    HOME=/tmp git status
    HOME=/tmp cat ~/.x
    XDG_CONFIG_HOME=/tmp git status
    SHELL=x ls
    TERMINFO=x ls
    LOCPATH=x ls
    DOCKER_HOST=tcp://x docker ps
    KUBECONFIG=x kubectl version
    AWS_PROFILE=x ls
    npm_config_script_shell=x npm ls
    http_proxy=x git log
    FOO=1 ls
    export PATH=/tmp
    export LD_PRELOAD=x
    declare -x PATH=x
    readonly BASH_ENV=x
    for PATH in /tmp; do ls; done
    unset PATH
    env LD_PRELOAD=x ls
    env GIT_PAGER=x git log
    env FOO=1 ls
    export FOO=1; ls
    FOO=1; export FOO
    declare -x FOO=1
    typeset -gx FOO=1
    set -a; FOO=1; ls
    set -o allexport
    set -k
  `),
};
