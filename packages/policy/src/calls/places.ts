/**
 * Well-known places whose content is secret, and places that decide what runs later (A1, A8). Paths are read part by part,
 * so that a relative path, a wildcard or another home directory does not hide them.
 */
import { normalPath } from '../directories.ts';
import { globsMeet } from './globs-meet.ts';

export interface Place {
  home: string;
  /** Absolute; undefined: not known here. */
  directory?: string | undefined;
  /** Where an absolute path really leads; undefined: links are not known here. */
  realPath?: ((path: string) => string) | undefined;
  /** What an absolute path with wildcards stands for; undefined: it is judged by its text. */
  matches?: ((pattern: string) => string[]) | undefined;
}

/** Parts of a path, from anywhere or, with a leading slash, from the root; `**` at the end is everything below. */
interface PlaceRule {
  parts: readonly RulePart[];
  isDeep: boolean;
  /** A part that every path without wildcards has when it fits. */
  name: string | undefined;
}

interface RulePart {
  text: string;
  lower: string;
  /** What the part stands for, in lower case; undefined: itself. */
  pattern: RegExp | undefined;
}

const partOf = (text: string): RulePart => {
  const lower = text.toLowerCase();
  const source = lower
    .replaceAll(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return { text, lower, pattern: isWild(text) ? new RegExp(`^${source}$`, 's') : undefined };
};

const ruleOf = (text: string): PlaceRule => {
  const all = text.split('/');
  const isDeep = all.at(-1) === '**';
  const parts = isDeep ? all.slice(0, -1) : all;
  const name = parts.find((part) => part !== '' && !isWild(part))?.toLowerCase();
  return { parts: parts.map(partOf), isDeep, name };
};

const isWild = (part: string): boolean => part.includes('*') || part.includes('?');

const rules = (text: string): PlaceRule[] => text.trim().split(/\s+/).map(ruleOf);

const secrets = rules(`
  .env .env.* .envrc .netrc _netrc .pgpass .my.cnf .mylogin.cnf .npmrc .pypirc .yarnrc.yml .git-credentials .htpasswd
  .vault-token .s3cfg .boto .dockercfg .pass .authinfo .authinfo.gpg
  id_rsa id_dsa id_ecdsa id_ed25519 id_ecdsa_sk id_ed25519_sk *.pem *.key *.p12 *.pfx *.jks *.keystore *.kdbx *.ppk
  *.gpg-key .ssh/** .gnupg/** .aws/** .azure/** .kube/** .docker/config.json .password-store/** .navis/**
  .config/gcloud/** .config/gh/hosts.yml .config/hub .config/op/** .config/sops/** .config/rclone/** rclone.conf
  .config/doctl/** .config/containers/auth.json .terraform.d/credentials.tfrc.json .terraformrc .cargo/credentials
  .cargo/credentials.toml .gem/credentials .m2/settings.xml .gradle/gradle.properties
  credentials credentials.json service-account*.json secrets.yml secrets.yaml secrets.json secrets.toml master.key
  .local/share/keyrings/** .mozilla/** .thunderbird/** .config/google-chrome/** .config/chromium/** .config/BraveSoftware/**
  .config/microsoft-edge/** .config/vivaldi/** Library/Keychains/** Library/Cookies/** Login*Data Cookies cookies.sqlite
  key4.db logins.json wallet.dat .electrum/** .bitcoin/**
  .bash_history .zsh_history .python_history .psql_history .mysql_history .node_repl_history
  shadow gshadow shadow- gshadow- sudoers /etc/ssl/private/** ssh_host_*_key /run/secrets/** /var/run/secrets/**
  environ /proc/*/environ /proc/*/mem /proc/*/root/** /proc/*/cwd/** /proc/*/fd/** /proc/*/task/** /proc/kcore /dev/mem
  /dev/kmem /dev/sd* /dev/nvme* /dev/vd* /dev/disk/** /dev/dm-* /dev/mapper/**
`);
const notSecret = /^(\.env\.(example|sample|template|dist|schema)|.*\.pub|known_hosts.*|authorized_keys)$/;

const steering = rules(`
  .bashrc .bash_profile .bash_login .bash_logout .bash_aliases .profile .zshrc .zshenv .zprofile .zlogin .zlogout .kshrc
  .cshrc .tcshrc .login .inputrc .xinitrc .xprofile .xsession .xsessionrc .pam_environment .vimrc .exrc .emacs .nanorc
  .lesskey .gitconfig .gitattributes .gitmodules .envrc .npmrc .yarnrc .yarnrc.yml .pypirc .condarc .curlrc .wgetrc
  .screenrc .tmux.conf .gdbinit .mailcap .netrc .rhosts .shosts authorized_keys
  .ssh/** .gnupg/** .git/** .husky/** .githooks/** hooks/** .vscode/** .idea/** .navis/** .aws/** .kube/** .docker/**
  .config/systemd/** .config/autostart/** .config/fish/** .config/git/** .config/environment.d/** .config/nvim/**
  .config/pip/** .config/containers/** .local/bin/** .local/share/systemd/** .local/share/applications/** .cargo/bin/**
  .cargo/config.toml rust-toolchain rust-toolchain.toml .tool-versions .pnpmfile.cjs .emacs.d/** .vim/** .oh-my-zsh/** .nvm/** .pyenv/** .rbenv/** .bun/bin/** .deno/bin/** go/bin/**
  node_modules/.bin/** Library/LaunchAgents/** Library/LaunchDaemons/** .claude/** .codex/** .cursor/**
  /etc/** /usr/** /bin/** /sbin/** /lib/** /lib64/** /boot/** /opt/** /root/.* /var/spool/** /var/lib/** /var/www/**
  /proc/** /sys/** /dev/** /run/** /var/run/** /System/** /Library/** /Applications/** /private/etc/** /private/var/**
`);
/** Devices that only take or give bytes, and files that belong to nobody. */
const harmless = /^\/(dev\/(null|zero|full|tty|stdout|stderr|stdin|fd\/\d+|shm\/.*)|private\/var\/(tmp|folders)\/.*)$/;

/** Programs are looked up in a `bin` of the home directory. */
const ownBin = ({ home }: Place): PlaceRule =>
  ruleOf(['', ...home.split('/').filter((part) => part !== ''), 'bin', '**'].join('/'));

/** True when the path, or one that its wildcards may become, is known to hold secrets. */
export const isSecretPath = (text: string, place: Place): boolean =>
  spellings(text, place).some((path) => !notSecret.test(path.at(-1) ?? '') && fitsOne(secrets, path));

/** True when what is written there may run later, or changes the system. */
export const isSteeringPath = (text: string, place: Place): boolean =>
  spellings(text, place).some(
    (path) => !harmless.test(path.join('/')) && (fitsOne(steering, path) || fits(ownBin(place), path)),
  );

/** True when everything below the directory includes places of well-known secrets: a search there would read them. */
export const holdsSecrets = (text: string, place: Place): boolean => {
  const homes = new Set([place.home, '/root', '/home', '/Users', '/etc', '/proc', '/run', '/var', '/dev']);
  return spellings(text, place).some((path) => {
    const directory = `/${path.filter((part) => part !== '').join('/')}`;
    const isAbsolute = path[0] === '';
    // Where nothing is known of the directory, it may be any.
    if (!isAbsolute && place.directory === undefined) return path.length === 0 || path[0] === '..';
    const isAbove = [...homes].some(
      (home) => home === directory || home.startsWith(directory === '/' ? '/' : `${directory}/`),
    );
    return isAbsolute && (isAbove || /^\/(home|Users)\/[^/]+$/.test(directory));
  });
};

/** As written, and where it leads if that is known; a first empty part is the root. */
const spellings = (text: string, place: Place): string[][] => {
  const { home, directory } = place;
  const isAbsolute = text.startsWith('/') || text === '~' || text.startsWith('~/');
  if (!isAbsolute && directory === undefined) return [relativeParts(text)];
  const absolute = normalPath(isAbsolute ? text : `${directory ?? ''}/${text}`, home);
  const real = place.realPath === undefined ? absolute : realPattern(absolute, place.realPath);
  const found = /[*?]/.test(absolute) ? (place.matches?.(absolute) ?? []) : [];
  const followed = found.map((path) => place.realPath?.(path) ?? path);
  return [...new Set([absolute, real, ...found, ...followed])].map((path) => path.split('/'));
};

const relativeParts = (text: string): string[] => {
  const parts: string[] = [];
  for (const part of text.split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts;
};

/** Links are followed as far as there is no wildcard. */
const realPattern = (absolute: string, realPath: (path: string) => string): string => {
  const parts = absolute.split('/');
  const wild = parts.findIndex((part) => /[*?]/.test(part));
  if (wild < 0) return realPath(absolute);
  const rest = parts.slice(wild).join('/');
  return normalPath(`${realPath(parts.slice(0, wild).join('/') || '/')}/${rest}`, '/');
};

/** Longer than the name of any file: it is judged by all rules. */
const maxName = 255;
const isVague = (part: string): boolean => isWild(part) || part.length > maxName;

const fitsOne = (places: readonly PlaceRule[], path: readonly string[]): boolean => {
  const isOpen = path.some(isVague);
  const names = new Set(path.map((part) => part.toLowerCase()));
  return places.some((rule) => (isOpen || rule.name === undefined || names.has(rule.name)) && fits(rule, path));
};

const fits = ({ parts, isDeep }: PlaceRule, path: readonly string[]): boolean => {
  const isAnchored = parts[0]?.text === '';
  for (let start = 0; start + parts.length <= path.length; start += 1) {
    if (isAnchored && start > 0) return false;
    const endsThere = start + parts.length === path.length;
    if (!isDeep && !endsThere) continue;
    if (parts.every((part, at) => partsMeet(part, path[start + at] ?? '', parts.length > 1))) return true;
  }
  return false;
};

/** A wildcard of the shell never stands for a leading dot; one without any letter says nothing by itself. */
const partsMeet = ({ text, lower, pattern }: RulePart, given: string, hasCompany: boolean): boolean => {
  if (text === given) return true;
  if (!isVague(given)) return pattern?.test(given.toLowerCase()) ?? lower === given.toLowerCase();
  const isOpen = isWild(given);
  if (isOpen && text.startsWith('.') && !given.startsWith('.')) return false;
  if (isOpen && !hasCompany && (/^[*?]*$/.test(given) || (text.startsWith('*') && /^[^.]*\*$/.test(given))))
    return false;
  return globsMeet(lower, given.toLowerCase());
};
