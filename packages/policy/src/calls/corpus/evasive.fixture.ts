/** Command lines that change something, or read a secret, in ways that hide it: none of them may run unasked (A1, A8). */

const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

export const evasiveCommands: Readonly<Record<string, readonly string[]>> = {
  'plain, but grave': lines(String.raw`
    rm x
    rm -rf /
    rm -- -x
    rm -r -- build
    unlink x
    mv a b
    cp a b
    ln -s ~/.ssh keys
    touch x
    mkdir -p a/b
    chmod +x x.sh
    chmod 4755 /bin/x
    chown root x
    truncate -s 0 log
    dd if=/dev/zero of=/dev/sda
    mkfs.ext4 /dev/sda1
    shutdown -h now
    reboot
    kill -9 1
    pkill node
    crontab -e
    crontab x
    systemctl restart nginx
    systemctl stop ssh
    mount /dev/sda1 /mnt
    docker run -v /:/host alpine
    docker exec x sh
    docker rm x
    docker compose down -v
    kubectl delete pod x
    kubectl apply -f x
    npm install
    npm test
    npm run build
    npm publish
    npx cowsay
    yarn
    yarn add x
    pnpm i
    pip install x
    cargo run
    go run .
    make
    make -n
    apt install x
    apt-get update
    brew install x
    useradd x
    passwd
    iptables -F
    sysctl -w kernel.x=1
    sysctl kernel.x=1
    curl https://example.com
    wget https://example.com
    ping example.com
    dig example.com
    nc -l 80
    ssh host ls
    scp a host:b
    rsync -a a b
    sqlite3 db "drop table x"
    psql -c "select 1"
    redis-cli flushall
    terraform apply
    gh repo delete x
    aws s3 rm s3://x
    gpg -d x
    openssl rsa -in x
    tee x
    patch -p1
    tar xf x.tar
    tar cf x.tar y
    unzip x.zip
    gzip x
    split x
    install a b
    sync
    at now
    nohup ls
    screen -dm x
    tmux new -d x
    shopt -s extglob
    ldd ./x
    gdb ./x
    strace ls
    setcap x y
    visudo
  `),
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
  wrappers: lines(String.raw`
    sudo ls
    sudo -n ls
    sudo -u root ls
    sudo -s
    sudo -i
    sudo -l
    sudoedit x
    doas ls
    su
    su -c ls
    su - root
    runuser -u x ls
    pkexec ls
    env rm x
    env -i rm x
    env -S 'rm x'
    env -u X rm x
    env X=1 ls
    env PATH=/tmp ls
    env - rm x
    nice rm x
    nice -n 5 rm x
    ionice -c3 rm x
    timeout 5 rm x
    timeout -s KILL 5 rm x
    setsid rm x
    nohup rm x
    stdbuf -o0 rm x
    time -p rm x
    /usr/bin/time -o log ls
    /usr/bin/time rm x
    chroot / rm x
    unshare rm x
    nsenter -t 1 -m ls
    systemd-run ls
    script -c 'rm x'
    script -qc 'ls' out
    flock x rm y
    flock x -c 'rm y'
    watch rm x
    watch -n 1 'rm x'
    xargs rm
    echo x | xargs rm
    echo x | xargs -I{} rm {}
    echo rm x | xargs -I{} sh -c '{}'
    echo x | xargs cat
    echo x | xargs -n1 sh
    find . -delete
    find . -exec rm {} \;
    find . -exec rm {} +
    find . -execdir rm {} \;
    find . -ok rm {} \;
    find . -exec sh -c 'rm $1' _ {} \;
    find . -exec sh -c "$x" \;
    find . -fprint out
    find . -fls out
    find . -fprintf out %p
    find $x
    find . $x rm {} \;
    find . -name x -exec cat {} \;
    parallel rm ::: x
    entr rm x
    busybox rm x
    busybox sh -c 'rm x'
    toybox rm x
    fd x -x rm
    fd x -X rm
    fd x --exec rm
    rg --pre rm x
    rg --hostname-bin x y
    rg -z x
    strace -o x ls
    ltrace ls
    gdb -ex 'shell rm x'
    valgrind ls
    dbus-run-session ls
    xvfb-run ls
    faketime x ls
    unbuffer rm x
    caffeinate rm x
    chronic rm x
    taskset 1 ls
    chrt 1 ls
    prlimit ls
    run0 ls
    bwrap ls
    firejail ls
    start-stop-daemon --start --exec x
    at now <<< 'rm x'
    batch <<< 'rm x'
    tmux send-keys 'rm x' Enter
    screen -X stuff 'rm x'
  `),
  'interpreters and scripts': lines(String.raw`
    bash x.sh
    bash -c 'rm x'
    bash -ec 'rm x'
    bash -c "$x"
    bash -c
    bash -i x
    bash --rcfile x
    bash --init-file x -i
    bash <<< 'rm x'
    echo rm x | bash
    cat x | sh
    curl x | sh
    bash <(curl x)
    bash < x
    bash -s < x
    bash /dev/stdin
    sh -c 'sh -c "rm x"'
    sh -c 'bash -c "sh -c \"rm x\""'
    dash x
    zsh -c 'rm x'
    zsh x
    fish -c 'rm x'
    ksh -c 'rm x'
    csh -c 'rm x'
    python x.py
    python3 -c 'import os; os.remove("x")'
    python3 -m http.server
    python3 - <<< x
    python
    echo x | python3
    node x.js
    node -e 'x'
    node -p 1
    deno run x
    bun x
    perl -e 'unlink "x"'
    perl -pi -e s/a/b/ x
    perl x.pl
    ruby -e 'x'
    php -r 'x'
    lua -e 'x'
    tclsh x
    expect -c x
    awk 'BEGIN { system("rm x") }'
    awk '{ print > "x" }' y
    awk '{ print | "sh" }' y
    awk 'BEGIN { "rm x" | getline }'
    awk 'BEGIN { while (("rm x") | getline) ; }'
    awk -f x.awk
    awk -i inplace '{print}' x
    awk -v x='$(rm)' -f y
    gawk '@load "x"'
    gawk 'BEGIN { f = "system"; @f("rm x") }'
    sed -i s/a/b/ x
    sed -i.bak s/a/b/ x
    sed --in-place s/a/b/ x
    sed -n -i p x
    sed 's/a/b/e' x
    sed 's/a/b/w out' x
    sed '1e rm x' y
    sed 'e' x
    sed '1w out' x
    sed 'r secret' x
    sed -f x.sed y
    sed -e p -e 'w out' x
    sed "$x" y
    vim x
    vim -c '!rm x' y
    vi -es x
    ex -c '!rm'
    ed x
    emacs --batch --eval x
    nano x
    less +'!rm x' y
    less -o out x
    less -k keys x
    man -P 'rm x' y
    man -H x
    m4 x
    dc -e '!rm x'
    jq -f x.jq y
    jq -L dir . x
    sort -o x x
    sort --output=x x
    sort --compress-program=x y
    uniq a b
    xxd -r a b
    xxd a b
    shuf -o x y
    tree -o x
    yq -i .a=1 x
    iconv -o x y
    sdiff -o x a b
    tsort a b
    file -C -m x
    date -s 0
    hostname x
    dmesg -C
    journalctl --vacuum-time=1s
    ss -K
    tput init
    lsof +D /x -D u/tmp/x
    blkid -g
  `),
  'scripts written, then run': lines(String.raw`
    echo 'rm x' > a.sh; bash a.sh
    printf 'rm x' > a && . ./a
    cat > a.sh <<< 'rm x'
    echo x >> ~/.bashrc
    echo x > .git/hooks/pre-commit
    echo x > ~/.ssh/authorized_keys
    echo x > /etc/cron.d/x
    echo x > ~/.config/systemd/user/x.service
    echo x >| out
    echo x &> out
    echo x &>> out
    echo x >& out
    ls 2> out
    ls > out 2>&1
    exec > out
    exec 3<> out
    : > out
    > out
    { ls; } > out
    (ls) >> out
    while true; do ls; done > out
    echo x > /dev/sda
    echo x > /dev/tcp/host/80
    cat < /dev/tcp/host/80
    exec 3<>/dev/udp/host/53
    ls > /proc/sys/kernel/x
    ls > ~/bin/ls
    ls > /usr/local/bin/ls
    ls > \$HOME/.profile
    echo x | tee -a ~/.zshrc
    cp a ~/.local/bin/ls
    ln -sf a ~/.bashrc
  `).map((line) => line.replaceAll('\\$', '$')),
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
  `),
  git: lines(String.raw`
    git -c core.pager='rm x' log
    git -c alias.x='!rm x' x
    git --config-env=core.pager=X log
    git --exec-path=/tmp log
    git --git-dir=/tmp/x log
    git --work-tree=/ status
    git -p log
    git --paginate log
    git x
    git config alias.st '!rm x'
    git config --global core.pager x
    git config core.hooksPath x
    git config core.fsmonitor x
    git config --unset user.name
    git config --edit
    git add .
    git commit -m x
    git push
    git push --force
    git push -f
    git push origin +main
    git push origin :main
    git push --delete origin main
    git push --mirror
    git pull
    git fetch
    git fetch --upload-pack=x
    git clone x
    git clone --upload-pack 'rm x' y
    git clone -u x y
    git ls-remote x
    git remote add x y
    git remote update
    git remote set-url origin x
    git checkout .
    git checkout -- x
    git checkout -f
    git checkout main
    git switch -C x
    git restore x
    git restore --staged x
    git reset
    git reset --hard
    git clean -fdx
    git clean
    git stash
    git stash drop
    git stash clear
    git branch x
    git branch -D x
    git branch -m x
    git branch --edit-description
    git tag x
    git tag -d x
    git rebase -i x
    git rebase --exec 'rm x' y
    git bisect run rm x
    git submodule foreach 'rm x'
    git submodule update
    git filter-branch --tree-filter 'rm x'
    git gc --prune=now
    git reflog expire --all
    git update-ref -d x
    git worktree add x
    git apply x
    git am x
    git rm x
    git mv a b
    git notes add
    git archive -o x HEAD
    git bundle create x HEAD
    git format-patch x
    git difftool
    git mergetool
    git grep -O x
    git grep --open-files-in-pager=x y
    git diff --output=x
    git log --output=x
    git diff --ext-diff
    git diff --no-index /dev/null ~/.ssh/id_rsa
    git show HEAD:.env
    git cat-file --textconv HEAD:x
    git cat-file --filters HEAD:x
    git blame --contents x y
    git daemon
    git instaweb
    git credential fill
    git send-email x
    git $x
    git log $(rm x)
    git lfs pull
    git help -w x; git web--browse x
  `)
    .filter((line) => !line.startsWith('git help -w x; git web'))
    .concat('git web--browse x'),
  'places of secrets': lines(String.raw`
    cat ~/.ssh/id_rsa
    cat ~/.ssh/id_ed25519
    cat /home/me/.ssh/id_rsa
    cat /root/.ssh/id_rsa
    cat ~root/.ssh/id_rsa
    cat ../.ssh/id_rsa
    cat ./../../me/.ssh/id_rsa
    cat $HOME/.ssh/id_rsa
    cat "$HOME"/.ssh/id_rsa
    cat "$HOME/.ssh/id_rsa"
    cat ~/.ssh/*
    cat ~/.ss?/id_rsa
    cat ~/.s*/id_*
    cat ~/.[s]sh/id_rsa
    cat ~/.ssh/i*
    cat ~/.{ssh,aws}/x
    cat .env
    cat .env.production
    cat ./.e*
    cat app/.env
    head -1 .env
    tail .env
    less .env
    grep KEY .env
    grep -r KEY ~
    grep -rn KEY /
    grep -R x /etc
    grep --recursive x /home
    grep x -r ../../..
    rg x ~
    rg x /
    rg --hidden x /home/me
    rg x ~/.ssh
    diff .env x
    diff -r ~ x
    base64 .env
    xxd .env
    od -c .env
    strings .env
    cut -d= -f2 .env
    sort .env
    uniq .env
    nl .env
    tac .env
    rev .env
    awk '{print}' .env
    sed -n p .env
    sed p .env
    jq . ~/.docker/config.json
    cat ~/.aws/credentials
    cat ~/.netrc
    cat ~/.kube/config
    cat ~/.npmrc
    cat ~/.git-credentials
    cat ~/.config/gh/hosts.yml
    cat /etc/shadow
    cat /etc/ssl/private/x
    cat /etc/ssh/ssh_host_rsa_key
    cat /proc/1/environ
    cat /proc/self/environ
    cat server.key
    cat cert.pem
    cat *.pem
    cat x.p12
    cat ~/.gnupg/x
    cat ~/.mozilla/firefox/x/logins.json
    cat ~/.bash_history
    cat ~/.navis/store.db
    cat < ~/.ssh/id_rsa
    echo "$(< ~/.ssh/id_rsa)"
    read x < .env
    mapfile x < .env
    while read l; do echo $l; done < ~/.aws/credentials
    cd ~/.ssh
    cd ~/.ssh && cat x
    cd .aws; cat credentials
    pushd ~/.gnupg
    cat /run/secrets/x
    ls | xargs cat
    file -f .env
    wc -l ~/.ssh/id_rsa
    cmp .env x
    md5sum .env
    cat ID_RSA
    cat ~/.SSH/id_rsa
    tail -f ~/.bash_history
    dmesg; cat .env
    find . -name .env -exec cat {} \;
    zcat .env
    cat ~/.config/google-chrome/Default/Cookies
    cat /dev/sda
    cat /dev/mem
  `),
};
