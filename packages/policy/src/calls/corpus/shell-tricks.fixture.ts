/** What shells run that hardly looks like a command: expansions, sums, lists, wrappers, and where shells differ (A1). */
import { lines } from './lines.fixture.ts';

export const shellTricks: Readonly<Record<string, readonly string[]>> = {
  'tricks of the shell': lines(String.raw`
    echo $(case x in x) rm x;; esac)
    echo $[ $(rm x) ]
    echo $[x[$(rm x)]]
    echo $(( $(rm x) ))
    ((a[$(rm x)]++))
    for ((i=$(rm x);;)); do :; done
    for ((;a[$(rm x)];)); do :; done
    [[ a[$(rm x)] -eq 0 ]]
    [[ 'a[$(rm x)]' -eq 0 ]]
    [[ -v a[$(rm x)] ]]
    [[ -v 'a[$(rm x)]' ]]
    [[ x =~ $(rm x) ]]
    [[ $(rm x) = y ]]
    [[ x -ef <(rm x) ]]
    test -v 'a[$(rm x)]'
    [ -v 'a[$(rm x)]' ]
    unset 'a[$(rm x)]'
    declare 'a[$(rm x)]=1'
    local 'a[$(rm x)]=1'
    read 'a[$(rm x)]'
    read -a 'a[$(rm x)]' <<< x
    printf -v 'a[$(rm x)]' x
    printf -v'a[$(rm x)]' x
    getopts x 'a[$(rm x)]'
    let 'a[$(rm x)]'
    let a[$(rm x)]=1
    mapfile -C rm -c 1 x
    mapfile -Crm x
    mapfile -tC rm x
    readarray -C 'rm x' -c1 a
    mapfile -C 'rm x #' -c 1 < f
    wait -p 'a[$(rm x)]'
    wait -n -p PATH
    a=([$(rm x)]=1)
    a+=($(rm x))
    declare -a a='($(rm x))'
    declare -a a='([$(rm x)]=1)'
    declare -A a='($(rm x))'
    typeset -a 'a=($(rm x))'
    local -a a='($(rm x))'
    readonly -a a='($(rm x))'
    export -n a
    a[x=$(rm x)]=1
    x=a[$(rm x)]; echo $((x))
    x='a[$(rm x)]'; [[ x -eq 1 ]]
    x='a[$(rm x)]'; (( x ))
    x='a[$(rm x)]'; declare -i z; z=x
    x='a[$(rm x)]'; test -v "$x"
    PS1='$(rm x)'
    PS0='$(rm x)'
    PS2='$(rm x)'
    PS4='$(rm x)' ; set -x; ls
    PROMPT_COMMAND+=('rm x')
    BASH_ENV=./x bash -c ls
    BASH_ENV=./x; export BASH_ENV; bash -c ls
    ENV=./x sh
    export BASH_FUNC_ls%%='() { rm x; }'; ls
    env 'BASH_FUNC_ls%%=() { rm x; }' bash -c ls
    env BASH_ENV=x bash -c ls
    env --ignore-environment PATH=. ls
    env -0 rm x
    env -- rm x
    env -a x rm y
    env --argv0=ls rm x
    env --chdir=x ls
    env --default-signal=INT rm x
    env --block-signal rm x
    env -P . ls
    function ls { rm x; }; ls
    function ls() { rm x; }; ls
    ls() ( rm x ); ls
    ls () if true; then rm x; fi; ls
    shopt -s expand_aliases; alias l=rm; l x
    unalias ls
    BASH_ALIASES[ls]='rm x'; ls
    BASH_CMDS[ls]=/tmp/x; ls
    hash -p ./rm ls
    enable -n test
    enable -f ./x.so y
    command_not_found_handle() { rm x; }; nosuch
    coproc X { rm x; }
    coproc cat; rm x
    exec -a ls rm x
    exec -l rm x
    exec -c rm x
    exec 3> out
    exec {fd}> out
    exec 3<>/dev/tcp/h/80
    echo x >/dev/udp/h/53
    cat </dev/tcp/h/80
    cat < /dev/tcp/h/80 > /dev/null
    exec < x.sh; ls
    . /dev/stdin <<< 'rm x'
    source /dev/fd/3
    source <(echo rm x)
    . <(curl x)
    eval 'rm x'
    eval "rm x"
    eval $'rm x'
    eval r{m,} x
    eval "$(cat x)"
    eval -- rm x
    builtin eval 'rm x'
    command eval 'rm x'
    command -- eval 'rm x'
    command command rm x
    builtin command rm x
    builtin builtin eval rm x
    trap 'rm x' 0
    trap 'rm x' ERR; false
    trap -- 'rm x' EXIT
    trap 'rm x' RETURN
    trap rm\ x EXIT
    trap "$x" EXIT
    complete -C 'rm x' ls
    compgen -C 'rm x'
    compgen -F f
    compgen -W '$(rm x)'
    compopt -o nospace
    bind '"a":"rm x\n"'
    bind -x '"a": rm x'
    fc -e rm
    fc -s
    fc -e - 1
    history -c
    history -p '!!'
    history -s rm x
    history -d 1
    caller; rm x
    time -f x rm y
    time -- rm x
    !rm x
    !!
    !-1
    ^ls^rm
    { rm,x}
    {rm,-rf,/}
    r{m,x} y
    $'r\155' x
    $'\u0072m' x
    $'\U00000072m' x
    $'\cr' x
    "r"m x
    r$''m x
    r$@m x
    r$*m x
    \r\m x
    IFS=_; cmd=rm_x; $cmd
    cmd=rm; $cmd x
    a=r; b=m; $a$b x
    set -- rm x; $1 $2
    printf 'rm x' | sh
    printf '%s\n' 'rm x' | bash -s
    echo 'rm x' | sh -
    echo 'rm x' | bash /dev/stdin
    echo 'rm x' | env bash
    echo 'rm x' | nice bash
    echo 'rm x' | timeout 5 bash
    echo 'rm x' | xargs -I{} bash -c {}
    echo 'rm x' | xargs -d'\n' -n1 bash -c
    echo x | xargs -I rm rm y
    echo x | xargs -i rm {}
    echo x | xargs -i% rm %
    echo x | xargs --replace=% rm %
    echo rm | xargs -I% % x
    echo x | xargs -P4 -n1 rm
    echo x | xargs -r0 rm
    echo x | xargs -0I{} rm {}
    echo x | xargs -L1 rm
    echo x | xargs --max-args=1 rm
    echo x | xargs --process-slot-var=PATH ls
    echo x | xargs -o vi
    echo --pre=./x | xargs rg y
    echo -exec | xargs find .
    echo -o | xargs sort x
    echo out | xargs uniq in
    echo out | xargs xxd in
    echo --output=x | xargs git diff
    echo x | xargs git log
    echo '-x' | xargs fd
    echo .env | xargs cat
    echo .env | xargs -I{} cat {}
    ls | xargs -I{} echo {} | sh
    echo 'w out' | xargs sed p
    timeout -k 5 5 rm x
    timeout --signal=KILL 5 rm x
    timeout -- 5 rm x
    timeout 5 timeout 5 rm x
    stdbuf -oL rm x
    stdbuf --output=L rm x
    nice -10 rm x
    nice --adjustment=5 rm x
    setsid -w rm x
    setsid --fork rm x
    ionice -c2 -n0 rm x
    chrt -i 0 rm x
    unshare -r rm x
    flock /tmp/x -c 'rm x'
    flock -n /tmp/x rm x
    watch -x rm x
    watch --exec rm x
    watch -n1 -- rm x
    script -qec 'rm x' /dev/null
    script --command 'rm x'
    busybox --install .
    busybox vi x
    busybox wget http://x
    busybox nc x 1
    busybox find . -exec rm {} +
    caffeinate -i rm x
    ld.so ./x
    /lib64/ld-linux-x86-64.so.2 ./x
    /lib64/ld-linux-x86-64.so.2 /bin/rm x
    /usr/bin/env rm x
    /usr/bin/env -S rm x
    /bin/busybox rm x
    /bin/sh x
    /bin/bash -c 'rm x'
    /usr/sbin/../bin/rm x
    /usr/bin//rm x
    bash -c $'rm x'
    bash -c "rm"' x'
    bash -lc 'rm x'
    bash -xc 'rm x'
    bash --norc -c 'rm x'
    bash -O extglob -c 'rm x'
    bash -c 'ls "$@"; $0' rm
    bash -c '$1' _ rm
    bash -c '"$@"' _ rm x
    bash -c 'eval "$1"' _ 'rm x'
    bash -c -- 'rm x'
    bash -c ls\;rm\ x
    bash -s rm x <<< 'rm x'
    bash --rcfile x -i
    bash --init-file x
    bash --debugger x
    bash -D x
    bash +x x.sh
    bash -- x.sh
    sh ./x.sh
    sh < x.sh
    sh <(echo rm)
    bash 0<x.sh
    bash <<<"$(cat x)"
    sh -c "$(printf 'rm x')"
    sh -c 'sh -c "sh -c \"rm x\""'
    zsh -c 'ls'
    fish -c 'ls'
    tcsh -c ls
    pwsh -c ls
    nu -c ls
    xonsh -c ls
    sh -c "ls \$'a\\'; rm x #'"
    sh -c '(( rm x ))'
    sh -c '[[ a > Q3 ]]'
    sh -c '[[ a || reboot ]]'
    dash -c '((rm x))'
  `),
};
