/** What an agent looks at all day: git, files, processes, containers, clusters, services and logs (A1). */
import { lines } from './lines.fixture.ts';

export const everyday: readonly string[] = lines(String.raw`
    git log --oneline -n 20
    git log --since=yesterday --author=me
    git log -1 --format=%H
    git log --stat -3 -- src
    git log main..HEAD
    git diff --cached
    git diff --name-only main...HEAD
    git diff HEAD -- packages/x
    git show --stat HEAD~2
    git show HEAD:src/index.ts | head -40
    git status -sb
    git status --porcelain=v2 --branch
    git blame -L 10,20 src/index.ts
    git branch -vv
    git branch --all --list
    git branch --sort=-committerdate
    git branch -r
    git tag --sort=-v:refname
    git remote get-url origin
    git stash show -p
    git shortlog -sn
    git ls-files '*.ts'
    git ls-tree -r HEAD --name-only
    git merge-base main HEAD
    git rev-list --count HEAD
    git describe --always
    git config --get remote.origin.url
    git grep -n "foo" -- '*.ts'
    git cat-file -p HEAD
    git reflog -n 5
    git worktree list --porcelain
    git -C sub log -3
    ls -lah --color=never
    ls -1 src | wc -l
    cat package.json tsconfig.json
    cat -n src/a.ts | sed -n '10,30p'
    head -c 200 x
    tail -n +10 x
    grep -rn "foo" src --include=*.ts
    grep -E '^(a|b)' x
    grep -v '^#' /etc/ssh/sshd_config
    rg -l foo
    rg -n --type ts "foo|bar" src
    rg -C 3 foo src/index.ts
    rg --files -g '!node_modules'
    find . -maxdepth 1 -type d
    find . -name node_modules -prune -o -name '*.ts' -print
    find . -type f -size +1M
    find . -mtime -1 -ls
    fd '\.ts$' src
    ps -ef
    ps aux --sort=-%mem | head
    ps -o pid,cmd -p 1
    ps -C node -o pid,etime
    ps -eo pid,ppid,etime,comm --sort=-etime
    ps axo pid,comm,etime
    ps -eLf
    ps -fp 123
    ps -o rss= -p $$
    ps aux --forest
    ps -aux
    ps -u me -o pid,cmd
    df -hT
    df -i /
    du -sh node_modules
    du -ah . | sort -rh | head -20
    docker ps --format '{{.Names}}'
    docker ps -aq
    docker logs -f --since 10m web
    docker logs web 2>&1 | tail -50
    docker images --format json
    docker compose logs -f --tail=20 web
    docker compose ps -a
    docker stats --no-stream
    docker network ls
    docker volume ls
    docker top web
    kubectl get pods
    kubectl get pods -A
    kubectl get pods -n kube-system -o wide
    kubectl -n prod get deploy
    kubectl get svc,deploy -o json
    kubectl describe pod web-1
    kubectl describe node
    kubectl logs web-1 --tail=100
    kubectl logs -f deploy/web -c app
    kubectl logs -n prod web-1 --previous
    kubectl top pods
    kubectl version
    kubectl config current-context
    kubectl config get-contexts
    kubectl cluster-info
    kubectl api-resources
    kubectl explain pod.spec
    kubectl get events --sort-by=.lastTimestamp
    kubectl get pod web -o jsonpath='{.status.phase}'
    kubectl get all -l app=web --show-labels
    kubectl --context=dev get ns
    systemctl status
    systemctl status nginx --no-pager -l
    systemctl list-timers --all
    systemctl --failed
    systemctl is-enabled ssh
    systemctl show nginx -p MainPID
    systemctl cat nginx
    journalctl -xeu nginx --no-pager
    journalctl -b -p err
    journalctl -f -u app
    journalctl --disk-usage
    journalctl -k -n 20
    npm ls --all
    npm ls react
    npm config get registry
    jq '.a[] | select(.b > 1)' x.json
    jq -r '.scripts | to_entries[] | "\(.key)=\(.value)"' package.json
    jq -c . x.json
    jq -s 'length' x.json
    jq .include tsconfig.json
    jq -e '.a' x.json
    awk '/error|warning/' x
    awk '/a|b/ {print $1}' x
    awk '/a\/b|c/' x
    awk -F, '{print $2}' x.csv
    awk -F ',' '{print $2}' x.csv
    awk -F '\t' '{print $1}' x
    awk 'NR==5' x
    awk 'NR>=5 && NR<=10' x
    awk '$3 > 100 {print $1}' x
    awk '{s+=$1} END {print s}' x
    awk -v n=3 'NR==n' x
    awk '/foo/ {print $0}' x
    awk 'length($0) > 80' src/a.ts
    sed -n 5p x
    sed -n '5,10p;20p' x
    sed -n -e '1,5p' x
    sed '/^#/d' x
    sed -e 's/a/b/' -e 's/c/d/' x
    sed 's/a/b/;s/c/d/' x
    sed -n '/foo/,$p' x
    sed -E 's/(a)(b)/\2\1/' x
    sed -n '$p' x
    sed 5q x
    free -h
    uptime -p
    uname -srm
    lscpu | grep Model
    ss -tulpn
    ip -br a
    lsof -nP -iTCP -sTCP:LISTEN
    netstat -tlnp
    nproc
    date -u +%FT%TZ
    date -d yesterday +%F
    date -Is
    hostname -I
    id -u
    env | grep -i proxy
    printenv HOME
    which -a python3
    type -a ls
    stat -c %s x
    file *
    wc -l src/*.ts
    sort -t, -k2 -n x.csv
    cut -f1 -d: /etc/passwd | sort
    uniq -c x
    tr -d '\r' < x
    diff <(ls a) <(ls b)
    comm -12 a b
    column -t -s, x.csv
    xxd -l 64 x
    sha256sum x
    tar -tvf x.tar
    tar tzf x.tgz | head
    zcat x.gz | grep foo
    zgrep foo x.gz
    tree -L 2 -I node_modules
    realpath x
    python3 -V
    node --version && npm --version
    go env GOPATH
    pip list --format=json
    pip show -f requests
    dpkg -l | grep nginx
    apt list --upgradable
    rpm -q bash
    brew list --versions
    last -n 5
    who -a
    cat /etc/os-release
    cat /proc/loadavg
    ls | head -5; echo done
    [ -f x ] && cat x || echo missing
    if git diff --quiet; then echo clean; fi
    while read -r l; do echo "$l"; done < x
    printf '%s\n' a b | sort -r
    timeout 10 git status
    LC_ALL=C sort x
    time git status
    echo "a;b|c>d"
  `);
