/** Programs that people know for reading, and the words by which each writes, runs or sends something (A1). */
import { lines } from './lines.fixture.ts';

export const sideDoors: Readonly<Record<string, readonly string[]>> = {
  'programs by their words': [
    ...lines(String.raw`
    jobs -x rm x
    builtin jobs -x rm x
    npm version patch
    npm version 2.0.0
    npm version major
    yarn version
    pnpm version patch
    poetry version patch
    uv version 2.0
    poetry show -l
    poetry show
    pip list --local-log out
    pip list --log-file=out
    pip list -u
    pip list --uptodate
    pip list --find-links=http://evil
    pip list --extra-index-url=http://e
    pip freeze -r .env
    pip show --cert .env x
    gem list --both
    gem list --config-file=./evil
    gem list -l --both
    apk list -U
    apk info --update-cache
    apk info -X http://evil x
    apk list --repository=http://evil
    rpm -qp https://evil/x.rpm
    rpm -q --eval '%(rm x)'
    rpm -qE '%(rm x)'
    rpm -q -E '%(rm x)'
    loginctl -H evil list-sessions
    loginctl --host=evil list-sessions
    loginctl -M evil list-sessions
    blkid -c out
    blkid --cache-file out
    zstdcat --trace out x
    zstdcat --filelist=list
    xzcat --files=list
    xzcat --files0=list
    echo 'exec touch x' | tclsh --version
    echo 'os:cmd("touch x").' | erl --version
    pytest --help
    pytest --version
    flake8 --version
    mocha --help
    tox --help
    jq -n 'import "config" as $c {search:"/home/me/.docker"}; $c'
    jq -n 'include "x"; y'
    jq -nf evil.jq
    jq -rf evil.jq x
    yq --from-file evil.yq x
    yq -n 'strload(".env")'
    tput -S
    echo init | tput -S
    lspci -q
    lspci -Q
    base64 -o out -i in
    base64 --output=out in
    xargs -a .env echo
    xargs --arg-file=.env
    xargs -a ~/.netrc
    env -S'rm x'
    env -vS 'rm x'
    env --split-string='rm x'
    env --split-string 'rm x'
    env -iS 'rm x'
    env -S'LD_PRELOAD=./x ls'
    env -S '-i rm x'
    f() { local -x DOCKER_HOST=tcp://evil; docker ps; }; f
    f() { local -x FOO=1; ls; }; f
    DOCKER_HOST=tcp://evil; docker ps
    KUBECONFIG=./evil; kubectl get pods
    read DOCKER_HOST <<< tcp://evil; docker ps
    printf -v DOCKER_HOST tcp://evil; docker ps
    for DOCKER_HOST in tcp://evil; do docker ps; done
    DOCKER_CONTEXT=evil; docker ps
    SSH_AUTH_SOCK=/tmp/x; git log
    docker compose config
    docker-compose config
    docker-compose -f x config
    docker-compose config -o x
    docker-compose config --output x
    docker -H tcp://x ps
    docker --context x ps
    docker --config ./evil ps
    docker stats --format x; docker cp a b
    docker image ls; docker image load
    docker context use x
    gawk '{print}' /inet/tcp/0/evil/80
    gawk 'BEGIN { SYMTAB["ARG" "V"][1] = ".en" "v" } {print}' x
    awk 'BEGIN { printf "x" | "sh" }'
    awk '{print}' OFS=x .env
    awk -F , '{print | "sh"}' x
    awk -F "$x" '{print}' y
    awk -v x=1 -f y
    awk --source 'x' y
    awk -e 'x' y
    awk -E x.awk
    awk -l filefuncs x
    gawk -d x
    gawk -o x
    gawk --pretty-print=x 1
    gawk --profile=x 1
    awk -W exec x
    mawk -W dump x
    mawk -We x
    date 1200
    date -s@0
    date --s=1
    sed -n '1p;w out' x
    sed -n 'w out
    sed -n '/x/w out' x
    sed -n '1,2w out' x
    sed 's/x/touch y/e;' x
    sed 's,x,touch y,e' x
    sed 's|x|y|w out' x
    sed 's#x#y#ge' x
    sed -ne '1e' x
    sed -s -i x y
    sed -Ei s/a/b/ x
    sed -nf x.sed y
    sed --file=x.sed y
    sed --expression=1e x
    sed --expression='s/a/b/w out' x
    sed 'y/a/b/;w o' x
    sed '$!N;w o' x
    sed '1r .env' x
    sed '1R .env' x
    sed 'a\' x -i
    sed '/a/I,/b/e' x
    sed '0~2e ls' x
    sed '\%x%e' y
    sed 's/a/b/M;e' x
    vim -c ':!rm x' y
    vim +':!rm x' y
    vim -S x.vim
    vim --cmd '!rm x'
    view -c '!rm' x
    vimdiff a b
    less -+E +!rm x
    less '+:e .env' x
    less -P'!' x
    less --lesskey-content='x shell' y
    less --lesskey-src=x y
    less --autosave=m x
    less --cmd='!rm' x
    less ++!rm x
    less -ox y
    less -Ox y
    less -k x y
    less -T tags y
    less -tfoo
    man -P'sh -c rm' ls
    man --pager='rm x' ls
    man -C ./evil.conf ls
    man --config-file=./evil ls
    man -H'rm x' ls
    man --html=rm ls
    man -E x ls
    man -u
    man -l ./evil.1 -P x
    man -X100 ls
    man -Tps ls
    ssh -o ProxyCommand='rm x' host
    ssh -oProxyCommand=x host
    ssh -F x host
    ssh -J a b
    ssh -V
    ssh -G host
    scp -S ./evil a b:
    rsync -e 'rm x' a b:
    rsync --rsh=x a b:
    rsync --version
    rsync -n a b
    tar -xf x --to-command='rm x'
    tar -cf /dev/null x --checkpoint=1 --checkpoint-action=exec='rm x'
    tar tf x --use-compress-program='rm x'
    tar tf x -I 'rm x'
    tar --to-command=rm -tf x
    tar tf x --rsh-command=x
    tar tf x --checkpoint-action=exec=rm
    tar tf host:x
    tar -tf x --info-script=rm
    tar tvf x -F rm
    tar t -f x -C /tmp --one-top-level
    tar -tf x --index-file=out
    tar -tvvf x --totals --index-file out
    tar tf x --remove-files
    tar -tzf x -g snapshot
    tar tf x --listed-incremental=snap
    tar tf x -g snap
    unzip -p x .env
    unzip -lx y
    zip -T x.zip -TT 'rm x'
    zip -r x y
    find . -exec 'rm' {} ';'
    find . -e''xec rm {} \;
    find . "-exec" rm {} \;
    find . -okdir rm {} \;
    find . -execdir sh -c 'rm "$1"' _ {} +
    find . -name x -delete
    find -D exec . -delete
    find . $'-delete'
    find . \-delete
    find . -d''elete
    find . -newermt 2020 -fprint x
    find . -type f -fprint0 x
    find . -files0-from x
    find . -exec cp {} /tmp \;
    find . -exec {} \;
    find . -exec sh {} \;
    find / -exec cat {} +
    fd . -x rm
    fd -tf -X vim
    fd . --exec=rm
    fdfind . --exec-batch rm
    fd . -Hx rm
    fd . -exrm
    rg --pre=./x y
    rg --pre ./x y
    rg --search-zip x
    rg -uz x
    rg --hostname-bin=x y
    rg -f .env x
    rg . --no-config --pre x
    grep -rf x ~
    grep -R x ~/
    grep --directories=recurse x /home
    grep -d recurse x ~
    grep -drecurse x ~
  `),
    ': ${DOCKER_HOST:=tcp://evil}; docker ps',
  ],
};
