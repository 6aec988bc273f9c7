/** Ordinary command lines that only read: they run unasked (A1). */

import { everyday } from './everyday.fixture.ts';
import { lines } from './lines.fixture.ts';

export const readingCommands: readonly string[] = [
  ...lines(String.raw`
    ls
    ls -la
    ls -la src && pwd
    i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done
    for i in 1 2 3; do echo $((i * 2)); done
    for ((i=0;i<5;i++)); do echo $i; done
    n=5; (( n > 3 )) && echo yes
    ls ~/projects
    ls $HOME
    ls *.ts
    cd src && ls -la
    cd src ; pwd
    pwd
    whoami
    id
    date
    date +%s
    uname -a
    hostname
    uptime
    echo hello
    echo "$HOME"
    echo "a $x b"
    printf '%s\n' a b
    cat README.md
    cat src/*.ts
    cat package.json | jq .scripts
    cat a b c | sort | uniq -c | sort -rn | head
    head -n 20 src/index.ts
    tail -n 100 logs/app.log
    tail -f logs/app.log
    sed -n '1,40p' src/index.ts
    sed -n '/start/,/end/p' x
    sed 's/a/b/g' x
    awk '{print $1}' access.log
    awk -F: '{print $1, $3}' /etc/passwd
    grep -n TODO src/index.ts
    grep -rn TODO src
    grep -r --include='*.ts' foo .
    grep -c x y | sort
    rg TODO
    rg -n "function \w+" src -g '*.ts'
    rg --files | wc -l
    find . -name '*.ts'
    find . -type f -name "*.md" -not -path "*/node_modules/*"
    find src -maxdepth 2 -newer package.json -print
    fd -e ts
    wc -l src/index.ts
    diff a b
    diff -u a b | head -50
    cmp a b
    stat package.json
    file bin/x
    du -sh .
    du -h --max-depth=1 | sort -h
    df -h
    free -m
    ps aux
    ps aux | grep node | head
    pgrep -fa node
    top -b -n1 | head -20
    lsof -i :3000
    ss -tlnp
    netstat -an
    ip addr
    ip a
    ip route show
    env
    env | sort
    printenv PATH
    which node
    type ls
    command -v git
    node --version
    node -v
    python3 --version
    npm --version
    npm ls
    npm ls --depth=0
    npm root
    npm explain x
    yarn --version
    pip list
    pip show requests
    pip freeze
    go version
    go env
    cargo --version
    rustc --version
    java -version
    git status
    git status --short
    git log --oneline -20
    git log --graph --all
    git log -p -- src/index.ts
    git diff
    git diff --stat
    git diff HEAD~1 -- src
    git show HEAD
    git show HEAD:package.json
    git branch
    git branch -a
    git branch --show-current
    git remote -v
    git rev-parse HEAD
    git rev-parse --abbrev-ref HEAD
    git ls-files
    git blame src/index.ts
    git describe --tags
    git tag
    git tag -l 'v*'
    git stash list
    git config --get user.name
    git config --list
    git config user.email
    git reflog
    git worktree list
    git submodule status
    git grep -n foo
    git -C /srv/app status
    git --no-pager log -5
    git clean -n
    docker ps
    docker ps -a
    docker images
    docker logs web
    docker logs --tail 100 web
    docker inspect web
    docker version
    docker compose ps
    docker compose logs web
    systemctl status nginx
    systemctl --user status x
    systemctl list-units --type=service
    systemctl is-active nginx
    journalctl -u nginx -n 50
    journalctl --since today
    dpkg -l
    apt list --installed
    apt-cache policy nginx
    brew list
    rpm -qa
    crontab -l
    mount
    sysctl -a
    lscpu
    lsblk
    uname -r; cat /etc/os-release
    cat /etc/hosts
    cat /proc/cpuinfo | head
    cat /proc/meminfo
    tree -L 2
    test -f x && echo yes
    [ -d src ] && ls src
    [[ -f x ]] && cat x
    if [ -f x ]; then cat x; else echo no; fi
    for f in a b c; do echo "$f"; done
    for f in *.ts; do echo "$f"; ls "$f"; done
    while true; do date; sleep 1; done
    ls | while read f; do echo "$f"; done
    x=$(git rev-parse HEAD); echo "$x"
    echo $((1 + 2))
    seq 1 10
    sleep 1
    true
    time ls
    timeout 5 ls
    nice ls
    bash -c 'ls | head'
    sh -c "git status"
    bash -lc 'node --version'
    ls 2>/dev/null
    ls > /dev/null 2>&1
    find / -name nginx.conf 2>/dev/null
    cat x 2>&1 | head
    NO_COLOR=1 git status
    LANG=C ls
    CI=1 npm ls
    basename /a/b
    dirname "$x"
    realpath .
    readlink -f x
    md5sum x
    sha256sum dist/*
    jq '.dependencies | keys' package.json
    jq -r .version package.json
    sort -u x
    uniq x
    cut -d, -f1 x.csv
    tr a-z A-Z < x
    column -t x
    tac x
    xxd x | head
    hexdump -C x | head
    strings bin/x | grep foo
    base64 x
    tar tf x.tar
    tar -tzf x.tgz
    unzip -l x.zip
    zcat x.gz | head
    less README.md
    man ls
    ls | xargs -n1 echo
    find . -name '*.ts' | xargs ls -l
    find . -name '*.ts' -exec ls -l {} +
    cat .env.example
    cat ~/.ssh/known_hosts
    cat ~/.ssh/id_rsa.pub
    ls ~/.ssh
    history
    jobs
    ulimit -a
    locale
    who
    w
    last
    getent passwd root
    iostat
    vmstat 1 2
    cal
    lsmod
    bash
    sh
  `),
  ...everyday,
  'cat <<EOF\nhello $USER\nEOF',
  "cat <<'EOF'\n$(rm x)\nEOF",
  'ls\npwd\ngit status',
  'ls \\\n  -la',
];
