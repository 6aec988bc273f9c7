/** Command lines that run something by another program, or by a file that they write (A1). None of them may run unasked. */
import { lines } from './lines.fixture.ts';

export const runningCommands: Readonly<Record<string, readonly string[]>> = {
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
    tree -R -L 1
    info -o x ls
    history -w x
    history -a ~/.bashrc
    yq 'load("x")' y
    ffprobe http://x
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
};
