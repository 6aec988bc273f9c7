/** Programs by how grave what they do is, as data. */
import type { Risk } from '@navisai/protocol';

const lists: readonly [Risk, string, string][] = [
  [
    'destruction',
    'It can destroy what cannot be brought back.',
    `mkfs fdisk gdisk cfdisk sfdisk parted wipefs shred srm mkswap blkdiscard hdparm sgdisk lvremove vgremove pvremove
     lvreduce cryptsetup mdadm zpool zfs shutdown reboot halt poweroff init telinit kexec dropdb dropuser userdel
     groupdel deluser delgroup tune2fs e2fsck fsck badblocks`,
  ],
  [
    'privilege',
    'It acts with other rights, or changes what the system does by itself.',
    `sudo doas su pkexec runuser sg newgrp chroot mount umount swapon swapoff setcap setfacl setfattr chown chgrp
     chattr useradd usermod adduser addgroup groupadd groupmod passwd chpasswd chsh chfn gpasswd visudo vipw vigr
     iptables ip6tables nft ufw firewall-cmd modprobe insmod rmmod depmod sysctl systemd-run systemd-nspawn machinectl
     service update-rc.d chkconfig rc-service at atd batch anacron nsenter unshare setpriv capsh losetup
     dmsetup ifconfig route brctl nmcli hostnamectl timedatectl localectl bootctl efibootmgr grub-install
     update-grub ldconfig update-alternatives dpkg-reconfigure launchctl dscl csrutil spctl defaults security
     podman nerdctl ctr crictl lxc lxd virsh qemu-system-x86_64 vagrant multipass auditctl semanage setenforce
     setsebool chcon restorecon aa-complain keyctl gdb lldb strace ltrace perf bpftrace tcpdump wireshark tshark
     renice chrt ionice taskset prlimit ssh-add ssh-agent ssh-copy-id gpg gpg2 pass secret-tool kinit navisai navis`,
  ],
  [
    'network',
    'It talks to other machines.',
    `curl wget aria2c http https httpie nc ncat netcat socat telnet ftp lftp tftp ssh scp sftp rsync mosh ping ping6
     traceroute tracepath mtr dig host nslookup whois nmap masscan arping rclone gsutil s3cmd
     psql mysql mariadb mongo mongosh redis-cli sqlcmd cqlsh clickhouse-client influx
     aws gcloud az doctl heroku flyctl fly vercel netlify wrangler firebase gh glab hub ansible ansible-playbook
     terraform tofu pulumi helm kustomize skaffold oc k9s vault consul nomad openssl sendmail mail mutt msmtp swaks
     youtube-dl yt-dlp apt-get aptitude snap flatpak iperf iperf3 websocat grpcurl ollama`,
  ],
  [
    'changing',
    'It changes files, or runs what a project says.',
    `touch mkdir rmdir cp mv ln install tee truncate split csplit mktemp mkfifo mknod link unlink rename dd sync
     tar zip unzip gzip gunzip bzip2 bunzip2 xz unxz zstd unzstd lz4 7z 7za cpio ar pax patch ed ex
     chmod kill pkill killall skill xkill nohup script flock crontab
     make gmake cmake ninja meson bazel just task rake ant mvn gradle sbt lein
     gcc g++ cc c++ clang clang++ ld as rustc javac kotlinc scalac ghc swiftc tsc esbuild vite webpack rollup
     eslint prettier oxlint biome black ruff isort flake8 mypy pytest jest vitest mocha playwright tox nox
     convert magick ffmpeg ffprobe pandoc pdftotext sqlite3 logger wall write screen tmux zellij
     dos2unix unix2dos xclip xsel pbcopy wl-copy notify-send shopt stty setterm`,
  ],
];

const graded = new Map<string, { risk: Risk; reason: string }>();
for (const [risk, reason, text] of lists)
  for (const name of text.trim().split(/\s+/)) graded.set(name, { risk, reason });

export const gradeOf = (name: string): { risk: Risk; reason: string } | undefined =>
  graded.get(name) ?? (name.startsWith('mkfs.') ? graded.get('mkfs') : undefined);

/** The words after them are judged as commands of their own. */
export const neutralWrappers: ReadonlySet<string> = new Set(
  'command builtin exec env nice time timeout setsid stdbuf chronic caffeinate watch xargs eval trap busybox toybox'.split(
    ' ',
  ),
);

/** They run a text in another language, a file, or what comes by their input: nothing here reads it. */
export const interpreters: ReadonlySet<string> = new Set(
  `python python2 python3 pypy pypy3 ipython node nodejs deno bun tsx ts-node perl ruby irb php lua luajit tclsh expect
   Rscript R julia ghci scala groovy java dotnet osascript swift elixir iex erl escript guile racket sbcl
   vim vi nvim view ex emacs nano pico micro joe mcedit dc m4 npx pnpx bunx uvx pipx source .`
    .trim()
    .split(/\s+/),
);
