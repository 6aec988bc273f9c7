#!/bin/sh
# Installs a node of Navis on this machine, as a service that starts at boot. Can be run again at any time: it brings the
# program up to date and keeps what a person wrote (.env, policy.json), who the node is, and every running terminal.
set -eu

usage() {
  cat <<'END'
Usage: install.sh [--package FILE] [--prefix FOLDER] [--user NAME] [--home FOLDER] [--hub URL] [--no-start]
       install.sh --uninstall [--prefix FOLDER] [--user NAME] [--home FOLDER]

  --package FILE   the tarball of @navisai/node; default: the package from the registry of npm
  --prefix FOLDER  where the program goes; default /opt/navis-node
  --user NAME      the account that commands run as, made when it does not exist; default: who called sudo, else root
  --home FOLDER    where the node keeps its state; default .navis in the home of the account
  --hub URL        where the hub is
  --no-start       installs the service and starts nothing
  --uninstall      removes program and service; keeps the state of the node: delete its folder to forget it

The first time, set NODE_API_KEY to the key that `navisai nodes add NAME` printed (in the environment, not as an argument):
it is written to .env, readable by the account only. DESTDIR=FOLDER installs into a folder that stands for /, and starts
nothing.
END
}

say() { printf '%s\n' "$*"; }
fail() {
  printf 'install.sh: %s\n' "$*" >&2
  exit "${code:-1}"
}
wrong() {
  code=2
  fail "$*"
}

package=@navisai/node
prefix=/opt/navis-node
user=${SUDO_USER:-root}
home=
hub=
start=yes
mode=install
destination=${DESTDIR:-}

while [ $# -gt 0 ]; do
  case $1 in
    --package | --prefix | --user | --home | --hub)
      if [ $# -lt 2 ] || [ -z "$2" ]; then wrong "$1 needs a value."; fi
      case $1 in
        --package) package=$2 ;;
        --prefix) prefix=$2 ;;
        --user) user=$2 ;;
        --home) home=$2 ;;
        --hub) hub=$2 ;;
      esac
      shift 2
      ;;
    --no-start) start=no && shift ;;
    --uninstall) mode=uninstall && shift ;;
    --help | -h) usage && exit 0 ;;
    navis1.*) wrong 'a key does not belong on the command line. Set NODE_API_KEY in the environment. This one is no secret any more: navisai nodes rekey.' ;;
    *) wrong "$1 is not understood. See --help." ;;
  esac
done

for path in "$prefix" "$home" "$destination"; do
  case $path in
    *[!A-Za-z0-9/._-]* | */../* | */..) wrong "folders must be plain absolute paths, not $path." ;;
    '' | /*[!/]*) ;;
    *) wrong "folders must be absolute paths, not $path." ;;
  esac
done
if [ -z "$prefix" ]; then wrong '--prefix must name a folder.'; fi
case $user in '' | *[!a-z0-9_-]* | [!a-z_]*) wrong '--user must be the name of an account.' ;; esac
case $hub in *[[:space:]]*) wrong '--hub must be the address of a hub.' ;; esac

unit=$destination/etc/systemd/system/navis-node.service
command=$destination/usr/local/bin/navis-node
program=$destination$prefix
runtime=$program/node_modules/.bin/node
main=$program/node_modules/@navisai/node/dist/main.js

is_real() { [ -z "$destination" ]; }
has_systemd() { is_real && [ -d /run/systemd/system ]; }
home_of() { getent passwd "$1" | cut -d: -f6; }
as_user() {
  if [ "$user" = root ] || ! is_real; then "$@"; else runuser -u "$user" -- "$@"; fi
}

check_machine() {
  [ "$(uname -s)" = Linux ] || fail 'this installer is for Linux. On macOS: npm install -g navisai && navisai node join --service'
  if is_real; then
    [ "$(id -u)" = 0 ] || fail 'a service of the whole machine needs root: use sudo. For your own account alone: navisai node join --service'
    has_systemd || [ "$start$mode" != yesinstall ] || fail 'systemd does not run on this machine. --no-start installs without starting; a container may fit better.'
  fi
}

check_tools() {
  command -v npm >/dev/null 2>&1 || fail 'npm is needed to install the program (apt install npm, dnf install npm). It is not used afterwards.'
  case $(uname -m) in x86_64 | aarch64 | arm64) ;; *) fail "there is no runtime for $(uname -m)." ;; esac
  if [ -f /etc/alpine-release ]; then fail 'the runtime needs glibc; this system has musl. Use the container.'; fi
  case $package in
    /*) [ -f "$package" ] || fail "$package does not exist." ;;
    *.tgz)
      [ -f "$package" ] || fail "$package does not exist."
      package=$(pwd)/$package
      ;;
  esac
}

# Sets home to the folder of the state.
find_home() {
  if [ -z "$home" ]; then
    account_home=$(home_of "$user" || true)
    if [ -z "$account_home" ]; then account_home=/home/$user; fi
    home=$account_home/.navis
  fi
  state=$destination$home/node
}

make_account() {
  is_real || return 0
  id -u "$user" >/dev/null 2>&1 && return 0
  say "Making the account $user"
  useradd --system --create-home --user-group --shell /bin/bash "$user"
}

# Beside the old one, then in its place: a failed download changes nothing. Running hosts have all their code in memory.
install_program() {
  say "Installing the program in $program"
  rm -rf "$program.new"
  mkdir -p "$program.new"
  printf '{"private":true}\n' >"$program.new/package.json"
  (cd "$program.new" && npm install --prefer-offline --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error "$package") ||
    { rm -rf "$program.new" && fail 'npm could not install the program; nothing was changed.'; }
  "$program.new/node_modules/.bin/node" "$program.new/node_modules/@navisai/node/dist/main.js" --help >/dev/null ||
    { rm -rf "$program.new" && fail 'the program does not run on this machine; nothing was changed.'; }
  rm -rf "$program.old"
  if [ -e "$program" ]; then mv "$program" "$program.old"; fi
  mv "$program.new" "$program"
  rm -rf "$program.old"
  chmod -R go-w "$program"
}

make_state() {
  for folder in "$destination$home" "$state"; do
    if [ ! -d "$folder" ]; then mkdir -p "$folder" && chmod 700 "$folder" && own "$folder"; fi
  done
  if [ -e "$state/.env" ]; then
    say "Keeping $state/.env"
    return 0
  fi
  say "Writing $state/.env"
  # Never readable by others, not even for a moment.
  (umask 077 && write_environment >"$state/.env.new")
  own "$state/.env.new"
  mv "$state/.env.new" "$state/.env"
}

own() {
  if is_real; then chown "$user:" "$1"; fi
}

write_environment() {
  while IFS= read -r line; do
    case $line in
      NODE_API_KEY=*) printf 'NODE_API_KEY=%s\n' "${NODE_API_KEY:-}" ;;
      NAVIS_HUB_URL=*) printf 'NAVIS_HUB_URL=%s\n' "${hub:-${line#NAVIS_HUB_URL=}}" ;;
      *) printf '%s\n' "$line" ;;
    esac
  done <"$program/node_modules/@navisai/node/.env.example"
}

install_service() {
  mkdir -p "$(dirname "$unit")" "$(dirname "$command")"
  # The address is in .env, and who the node is in its folder: the unit holds nothing secret.
  (cd / && env -u NODE_API_KEY -u NAVIS_HUB_URL "$runtime" "$main" service print --system --user "$user" --home "$home") |
    sed "s#$destination/#/#g" >"$unit.new"
  [ -s "$unit.new" ] || fail 'the program did not write its unit.'
  if [ -e "$unit" ] && cmp -s "$unit.new" "$unit"; then
    rm "$unit.new"
  else
    say "Writing $unit"
    mv "$unit.new" "$unit"
  fi
  cat >"$command.new" <<END
#!/bin/sh
# The node of this machine: navis-node status, navis-node leave.
exec '$prefix/node_modules/.bin/node' '$prefix/node_modules/@navisai/node/dist/main.js' --home '$home' "\$@"
END
  chmod 755 "$command.new"
  mv "$command.new" "$command"
}

start_service() {
  if ! has_systemd || [ "$start" = no ]; then
    say 'Nothing was started.'
    return 0
  fi
  systemctl daemon-reload
  systemctl enable navis-node.service
  # Its terminals go on: the unit stops the program only.
  systemctl restart navis-node.service
  tries=0
  until as_user "$runtime" "$main" --home "$home" status >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -ge 20 ]; then
      as_user "$runtime" "$main" --home "$home" status || true
      fail 'the service was installed, but the node is not connected. See: journalctl -u navis-node'
    fi
    sleep 1
  done
  as_user "$runtime" "$main" --home "$home" status
}

uninstall() {
  find_home
  if has_systemd && [ -e "$unit" ]; then systemctl disable --now navis-node.service || true; fi
  if is_real && [ -x "$runtime" ] && [ -d "$state" ]; then
    say 'Ending its terminals'
    as_user "$runtime" "$main" --home "$home" --end-hosts || true
  fi
  for path in "$unit" "$command" "$program" "$program.new" "$program.old"; do
    if [ -e "$path" ]; then
      say "Removing $path"
      rm -rf "$path"
    fi
  done
  if has_systemd; then systemctl daemon-reload; fi
  if [ -d "$state" ]; then say "Kept: $state with .env, policy.json, and who this node is. Delete it to forget the node, and at the hub: navisai nodes remove NAME"; fi
}

check_machine
if [ "$mode" = uninstall ]; then
  uninstall
  exit 0
fi
check_tools
make_account
find_home
install_program
make_state
install_service
start_service
