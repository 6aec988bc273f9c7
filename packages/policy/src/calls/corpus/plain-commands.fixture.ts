/** Grave command lines that hide nothing. None of them may run unasked. */
import { lines } from './lines.fixture.ts';

export const plainCommands: Readonly<Record<string, readonly string[]>> = {
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
};
