/** Lines in which an option, a quote, a split word or a sum does what the words before it do not show (A1, A8). */
import { lines } from './lines.fixture.ts';

export const hiddenDoings: Readonly<Record<string, readonly string[]>> = {
  'options of what is run, not of what runs it': lines(String.raw`
    command rm -v a
    command rm a -v
    command rm -V a
    command -p rm -v a
    command -- rm -v a
    command cp -v a b
    command mkdir -v x
    command bash -c 'touch x' -v
    command sh s.sh -v
    command eval 'touch x #' -v
    command git push --force -v
    command python3 -c 'open("x","w")' -v
    builtin command rm -v a
    env command rm -v a
    timeout 3 command rm -v a
    xargs -a list command rm -v
    bash ls -c
    bash ls -c x
    sh pwd -c
    bash s.sh -s
    bash s.sh -s < /dev/null
    sh -e s.sh -s
  `),
  'words that fall apart': [
    ...lines(String.raw`
    X=' -delete'; find d$X
    X=' -exec rm {} ;'; find d/x$X
    X=' -fprint y'; find .$X
    X=' -delete'; find ./d/x$X -type f
    X=' -o y'; tree d$X
    X=' -s @0'; date +%s$X
    X=' 20200101'; date -u$X
    X=' -K'; ss -t$X
    for X in ' -delete'; do find d/x$X; done
    set -- ' -delete'; find d/x$1
    set -- '' -delete; find d/x"$@"
    set -- '' -delete; find "d/x$@"
    X=' -delete'; find "d/x"$X
    X='] -delete ['; find d/[$X]
    X=' -delete'; find d/{x,y$X}
    find d/x$(printf ' -delete')
    find d/x$(cat opt)
    read X < opt; find d/x$X
  `),
    'find d/x`printf " -delete"`',
    `set -- '' -delete; find "d/x\${@}"`,
    `X=('' -delete); find d/x"\${X[@]}"`,
    `X=('' -delete); find "d/x\${X[@]:0}"`,
    `X=' -delete'; find d/x\${X}`,
  ],
  'xargs and what it puts in': lines(String.raw`
    echo -delete | xargs -I{} -Iq find d/x q
    echo -oP | xargs -I{} -Iq sort a q
    echo ./s.sh | xargs -I{} -Ils ls
    echo -delete | xargs -I{} -n1 find d/x
    echo -delete | xargs -I{} -L1 find d/x
    echo -delete | xargs -dI -- find d/x
    echo -delete | xargs -EI -r find d/x
    echo a | xargs --replace rm ls
    echo a | xargs --max-lines rm ls
    echo P | xargs --replace=q -Iq tree q
  `),
  'sed by its marks and options': lines(String.raw`
    echo 'touch P #a#b' | sed 's#a\#b#p;s#e#x#'
    echo 'touch P #a#b' | sed 's#a\#b##;s#e#x#'
    echo 'a,b' | sed 's,a\,b,p;s,w P,x,'
    echo 'a|b' | sed 's|a\|b|p;s|w P|x|g'
    echo 'a#b' | sed -n 's#a\#b#p;s#w P#x#'
    echo 'a/b' | sed 's/a\/b/p;s/w P/x/'
    sed -n 's/a/b\/p;s/w x/p' y
    sed -ee p x
    sed -nee 1p x
    sed -ee = x
    sed 'w out' -- -e p
    sed '1e rm x' -- -e p
  `),
  'awk after a pattern': lines(String.raw`
    awk '/a|b/ | "sh"' x
    awk '/a|b/ {print | "sh"}' x
    awk '/a\\/ {print > "y"}' x
    awk '/a\/|b/ {print > "y"}' x
    awk '/a/ || "rm x" | getline' x
    awk '/[/]|b/ {print > "y"}' x
    awk '1 /a|b/ 2' x
    awk 'x /a|"rm y"/' x
  `),
  'options behind digits and letters': lines(String.raw`
    man -7P 'touch x' ls
    man -s3P x ls
    ss -4D out
    ss -t4D out
    ss -0D out
    ss -6K dst ::1
    zstdcat -1o out x.zst
    zstdcat -d1o out x.zst
    cat a | less -FXh5oout
    less -x4oout a
    less -j5Oout a
    fd -0x rm
    fd -0X rm
    fd -1x rm
    fdfind -H0x rm
    info -ao out ls
    info -aoout ls
    tree -L1o out d
    tree -L2o out
    yq -0i '.a=1' y.yml
    yq -P0i y.yml
    shuf -n1oout a
    rg -0z x a
    rg -j1z x
    lsof -0D b
    uniq -c 5 out
    uniq -c -- 5 out
    uniq -- -f 5
    uniq -d 5 out
    xxd -r 5 out
    git grep -nOtouch x
    git grep -nO'touch x' y
    git tag --points-at=HEAD --no-points-at v1
    git tag --points-at HEAD --no-points v1
    tar -t2If ./evil x.tar
    kubectl --recursive events delete x
    kubectl -A events delete x
    kubectl --watch get delete x
    npm ls --logs-dir=out
    npm ls --logs=out
    npm ls --cache=out
    npm root --cache out
    npm prefix --logs-dir=out
    npm ls --timing
    npm config get cache --cache=out
    apt-cache policy bash -p out
    apt-cache policy bash -s out
    apt-cache policy bash -spout
    apt-cache show bash --pkg-cache=out
    apt-cache show bash --src-cache out
    apt list -p out
  `),
  'values that bash counts or looks up by': [
    ...lines(String.raw`
    RANDOM=$(cat f)
    read RANDOM < f
    read x < f; RANDOM=$x
    mapfile RANDOM < f
    for RANDOM in $(cat f); do :; done
    printf -v RANDOM %s "$(cat f)"
    SRANDOM=$(cat f)
    HISTCMD=$(cat f)
    OPTIND=$(cat f)
    SECONDS=$(cat f)
    declare OPTIND=$(cat f)
    getopts a RANDOM
    i=$(cat f); q=([i]=1)
    i=$(cat f); declare -a q=([i]=1)
    i=$(cat f); declare -a q='([i]=1)'
    q=([$(cat f)]=1)
    i=$(cat f); read 'q[i]' <<< 1
    i=$(cat f); printf -v 'q[i]' x
    i=$(cat f); unset 'q[i]'
    i=$(cat f); [ -v 'q[i]' ]
    i=$(cat f); test -v 'q[i]'
    i=$(cat f); [[ -v q[i] ]]
    i=$(cat f); exec {q[i]}</dev/null
    read < f; echo $((REPLY))
    mapfile < f; echo $((MAPFILE))
    : "$(cat f)"; echo $((_))
    getopts a: o -a "$(cat f)"; echo $((OPTARG))
    [[ $(cat f) =~ .* ]]; echo $((BASH_REMATCH))
    ((PATH=1)); ls
    ((PATH+=1)); ls
    ((++PATH)); ls
    (("PATH"=1)); ls
    ((x=PATH=1)); ls
    ((PATH[0]=1)); ls
    ((a[PATH=1])); ls
    : $((PATH=1)); ls
    : $((PATH++)); ls
    : $[PATH=1]; ls
    let x=PATH=1; ls
    let 'x = PATH = 1'; ls
    for ((PATH=1;PATH<2;PATH++)); do ls; done
    [[ $((PATH=1)) ]]; ls
    [[ PATH=1 -eq 1 ]]; ls
    a[PATH=1]=2; ls
    read 'a[PATH=1]' <<< 1; ls
    q=([PATH=1]=2); ls
    ((BASH_ENV=1)); bash -c ls
    exec {PATH}</dev/null; ls
    exec {PATH}<a && ls
    exec {PATH}<<< a; ls
    cat {PATH}</dev/null; ls
    coproc PATH { :; }; ls
  `),
    ': "${i:=$(cat f)}"; echo $((i))',
    ': "${i=$(cat f)}"; echo $((i))',
    ': "${RANDOM:=$(cat f)}"',
    ': ${a[PATH=1]}; ls',
    ': ${HOME:PATH=1}; ls',
    'exec {PATH}<<X\na\nX\nls',
  ],
  'texts that a plain shell reads otherwise': [
    `sh -c 'echo "\${x:-'\\''}"; touch x; echo "'\\''}"'`,
    `sh -c 'echo "\${x-'\\''}"; touch x; echo "'\\''}"'`,
    `dash -c 'echo "\${x:+'\\''}"; touch x #'\\''}"'`,
    'sh <<\'EOF\'\necho "${x:-\'}"; touch x; echo "\'}"\nEOF',
    "sh <<'EOF'\necho \"${x-'}\" ; touch x #'}\"\nEOF",
    ...lines(String.raw`
    sh -c 'echo a &>/dev/null touch x'
    sh -c 'echo a &>>/dev/null touch x'
    dash -c 'ls &> /dev/null rm x'
    bash -c "sh -c 'echo a &>/dev/null touch x'"
  `),
  ],
  'variables of other processes': lines(String.raw`
    ps auxeww
    ps e
    ps eww
    ps eww 1
    ps axe
    ps aux e
    ps -p 1 e
    ps e -o pid
    ps -E
    ps -eo pid,environ
    ps -o environ
    ps --format=pid,environ
    ps -auxeww
    ps -axeww
    ps -ex
    ps -e -x -ww
    ps -ew -ux
    ps e1
    ps -C foo e
    X=e; ps $X
    X='1 e'; ps -p $X
  `),
};
