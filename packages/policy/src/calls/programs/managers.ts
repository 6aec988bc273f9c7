/** Managers of packages, services, containers and clusters, by their verbs. */
import type { Risk } from '@navisai/protocol';
import { spelledOut } from '../../long-options.ts';
import { finding, operandsOf, optionsOf } from '../words.ts';
import { cluster } from './cluster.ts';
import { secretsRead } from './reading.ts';
import type { Judge, JudgedWords } from '../words.ts';

interface Verbs {
  /** Only reads. */
  reading?: string;
  changing?: string;
  network?: string;
  privilege?: string;
  destruction?: string;
  /** Without a verb. */
  alone?: Risk;
  /** Of every other verb. */
  otherwise: Risk;
  /** Options by which a reading verb does more, or asks elsewhere. */
  doubts?: RegExp;
  /** The only options that a reading verb may have. */
  readingOptions?: RegExp;
  /** Global options that may stand before the verb. */
  flags?: RegExp;
}

const risks = ['reading', 'changing', 'network', 'privilege', 'destruction'] as const;

const byVerb = ({
  otherwise,
  alone = 'reading',
  doubts,
  readingOptions = /^/,
  flags = /^(--no-color|-q|--quiet|-v|--verbose|--json)$/,
  ...lists
}: Verbs): Judge => {
  const known = new Map<string, Risk>();
  for (const risk of risks) for (const verb of (lists[risk] ?? '').split(' ')) if (verb !== '') known.set(verb, risk);
  return (words) => {
    const { name, texts } = words;
    const at = texts.findIndex((text) => text === null || !flags.test(text));
    const first = at < 0 ? undefined : texts[at];
    if (first === undefined) return alone === 'reading' ? [] : [finding(alone, name, reasons[alone])];
    if (isQuestion(first) && !known.has(first ?? ''))
      return asksOnly(texts.slice(at)) ? [] : [finding('unknown', name, `What ${name} does cannot be told.`)];
    if (first === null || first.startsWith('-')) return [finding('unknown', name, `What ${name} does cannot be told.`)];
    // An option before it may take what looks like one.
    const second = texts[at + 1];
    const risk = known.get(`${first}.${second ?? ''}`) ?? known.get(first) ?? otherwise;
    const verb = `${name} ${first}`;
    const doubt = texts.find((text) => text === null || spelledOut(text).some((one) => doubts?.test(one)));
    if (risk !== 'reading' && (risk !== 'changing' || doubt === undefined || doubt === null))
      return [finding(risk, verb, reasons[risk])];
    const more = doubt === undefined ? optionsOf(words).find((option) => !readingOptions.test(option)) : doubt;
    return more === undefined
      ? secretsRead(words)
      : [finding('unknown', verb, `${more ?? 'A word'} may make it do more than read.`)];
  };
};

const isQuestion = (text: string | null): boolean =>
  text !== null && /^(-h|--help|-V|-v|--version|help|version)$/.test(text);

/** With an option it may do more than tell; `-v` and `-V` also mean to be verbose, and a version may be set. */
const asksOnly = ([first, ...rest]: readonly (string | null)[]): boolean =>
  rest.every((text) => text !== null && !text.startsWith('-')) &&
  (rest.length === 0 || /^(-h|--)?help$/.test(first ?? ''));

const reasons: Record<Risk, string> = {
  reading: 'It only reads.',
  changing: 'It changes files, or runs what the project says.',
  network: 'It talks to other machines.',
  unknown: 'What it does cannot be told.',
  privilege: 'It changes what the system runs.',
  destruction: 'It removes what may not be brought back.',
};

const node: Verbs = {
  reading: 'ls list la ll why explain root prefix bin config.get config.list config.ls get licenses',
  changing:
    'test t run run-script start stop restart build lint format dev rebuild version pkg dedupe prune uninstall remove rm unlink link set',
  network:
    'install i ci add update upgrade up outdated view info show search audit ping whoami publish pack fund dlx create init login logout access owner team star',
  destruction: 'unpublish deprecate',
  privilege: 'config',
  otherwise: 'unknown',
  doubts: /^(-g|--global|--prefix|--script-shell|--registry|--userconfig|--globalconfig|--node-options)/,
  readingOptions:
    /^(-[alpsqdw]|-dd|-ddd|--((no-)?(all|long|parseable|link|unicode|color)|depth|json|omit|include|prod|production|dev|only|workspaces?|ws|include-workspace-root|package-lock-only|silent|quiet|verbose|loglevel)(=.*)?)$/,
};

/** They run what the project names in its settings before they do anything. */
const runsProject: Verbs = { ...node, reading: '', changing: `${node.changing ?? ''} ${node.reading ?? ''}` };

/**
 * Reading from the local daemon is reading; whoever may talk to it owns the machine, so everything else is a matter of
 * rights.
 */
const containers: Verbs = {
  reading:
    'ps images logs inspect info top stats port history diff version search. container.ls container.list container.ps container.inspect container.logs image.ls image.list image.inspect image.history network.ls network.inspect volume.ls volume.inspect context.ls compose.ps compose.logs compose.ls compose.images compose.top compose.version system.df system.info',
  network: 'pull push login logout search',
  destruction:
    'rm rmi system.prune container.prune container.rm image.prune image.rm volume.prune volume.rm network.prune network.rm builder.prune buildx.prune compose.down compose.rm',
  otherwise: 'privilege',
  doubts: /^(-o|--output)/,
};

const install = (reading: string): Verbs => ({
  reading,
  otherwise: 'privilege',
  doubts: /^(-[a-zA-Z0-9]*[ocps]|--(option|config-file|pkg-cache|src-cache))/,
});

const services: Verbs = {
  reading:
    'status list-units list-unit-files list-timers list-sockets list-dependencies list-jobs list-machines is-active is-enabled is-failed is-system-running show cat get-default show-environment',
  destruction: 'poweroff reboot halt kexec suspend hibernate rescue emergency isolate',
  otherwise: 'privilege',
  doubts: /^(-H|--host|-M|--machine)/,
  flags:
    /^(--user|--system|--no-pager|--all|-a|-l|--full|--failed|--plain|--no-legend|-q|--quiet|--type=.*|--state=.*)$/,
};

const languages: Readonly<Record<string, Verbs>> = {
  pip: {
    reading: 'list show freeze check debug config.list config.get',
    network: 'install download index search wheel',
    changing: 'uninstall cache',
    otherwise: 'unknown',
    doubts:
      /^(-[a-zA-Z]*[oiu]|--(outdated|uptodate|target|python|log|local-log|proxy|index-url|extra-index|find-links|cache-dir|keyring))/,
  },
  cargo: {
    reading: 'locate-project pkgid',
    changing: 'build check test run bench clean doc fmt clippy fix expand nextest new init metadata tree add remove',
    network: 'install update publish search fetch login logout owner yank',
    otherwise: 'unknown',
  },
  go: {
    reading: 'version env',
    changing: 'build test run vet fmt generate clean doc tool list mod work fix',
    network: 'get install',
    otherwise: 'unknown',
    doubts: /^--?[wu]/,
  },
  rustup: {
    reading: 'show',
    network: 'update install toolchain target component self default override',
    otherwise: 'network',
  },
  gem: {
    reading: 'list env environment which contents specification',
    network: 'install update fetch push search',
    changing: 'uninstall cleanup build',
    otherwise: 'unknown',
    doubts: /^(-[a-zA-Z]*[rb]|--(remote|both|config-file))/,
  },
  // To list, they run what the project says.
  bundle: { network: 'install update outdated', changing: 'list info exec clean', otherwise: 'unknown' },
  composer: { changing: 'show licenses', network: 'install update require', otherwise: 'unknown' },
  poetry: { changing: 'show version', network: 'install update add lock publish', otherwise: 'unknown' },
  uv: { changing: 'version', network: 'tree sync add lock pip tool', otherwise: 'unknown' },
  brew: {
    reading: 'list ls leaves deps config --prefix --cellar',
    network: 'info search outdated update',
    destruction: 'uninstall remove rm cleanup autoremove',
    otherwise: 'privilege',
  },
  conda: { reading: 'info list', otherwise: 'network' },
};

const apt: Judge = byVerb(
  install('list show policy search depends rdepends showpkg showsrc pkgnames stats madison moo'),
);

/** Only by options: `dpkg -l`. */
const byOption =
  (reading: RegExp, otherwise: Risk, doubts?: RegExp): Judge =>
  (words) => {
    const options = optionsOf(words);
    const isReading =
      !words.texts.some((text) => doubts?.test(text ?? '')) &&
      options.length > 0 &&
      options.every((option) => reading.test(option)) &&
      !words.texts.includes(null);
    return isReading ? [] : [finding(otherwise, words.name, reasons[otherwise])];
  };

const ip: Judge = (words) => {
  const [object, verb] = operandsOf(words);
  const options = optionsOf(words).every((option) =>
    /^-(4|6|s|d|o|br|brief|c|color|j|json|p|details|statistics|oneline)(=\w+)?$/.test(option),
  );
  const isReading =
    options &&
    typeof object === 'string' &&
    (verb === undefined ||
      /^(sh|sho|show|ls|lst|list|get|dev)$/.test(verb ?? '') ||
      (verb === 's' && object.startsWith('a')));
  return isReading ? [] : [finding('privilege', 'ip', 'It changes the network of this machine.')];
};

/** Reading when nothing is given, or only words that show. */
const showing =
  (allowed: RegExp, risk: Risk): Judge =>
  (words) =>
    words.texts.every((text) => text !== null && allowed.test(text)) ? [] : [finding(risk, words.name, reasons[risk])];

const networkVerb: Judge = (words: JudgedWords) => {
  const destroys = operandsOf(words).some(
    (text) =>
      text === null ||
      /^(delete|destroy|rm|rb|remove|terminate.*|purge|drop.*|flushall|flushdb|uninstall|delete-.*|apply)$/i.test(text),
  );
  const risk: Risk = destroys ? 'destruction' : 'network';
  return [finding(risk, words.name, reasons[risk])];
};

const sqlWords = /\b(drop|truncate|delete|alter|flushall|flushdb|dropdatabase|deletemany|remove)\b/i;
const database: Judge = (words) => {
  const destroys = words.texts.some((text) => text !== null && sqlWords.test(text));
  return [finding(destroys ? 'destruction' : 'network', words.name, destroys ? reasons.destruction : reasons.network)];
};

const entries: [string, Judge][] = [
  ...['npm', 'yarn', 'pnpm', 'cnpm'].map((name): [string, Judge] => [
    name,
    byVerb(name === 'npm' ? node : { ...runsProject, ...(name === 'yarn' ? { alone: 'network' } : {}) }),
  ]),
  ...['docker', 'docker-compose'].map((name): [string, Judge] => [
    name,
    byVerb(
      name === 'docker'
        ? containers
        : { reading: 'ps logs images top version ls', destruction: 'down rm', otherwise: 'privilege' },
    ),
  ]),
  ['kubectl', cluster],
  ['systemctl', byVerb(services)],
  ...['apt', 'apt-cache'].map((name): [string, Judge] => [name, apt]),
  ...['dnf', 'yum', 'zypper'].map((name): [string, Judge] => [
    name,
    byVerb({
      reading: 'list info',
      network: 'search check-update',
      otherwise: 'privilege',
      doubts: /^(-[cx]|--(config|setopt|installroot|enableplugin|disableplugin|releasever|repofrompath|pluginpath))/,
    }),
  ]),
  ['pacman', byOption(/^-(Q[a-z]*)$/, 'privilege')],
  [
    'dpkg',
    byOption(
      /^(-[lLsSp]|--(list|listfiles|status|search|print-avail|get-selections|print-architecture|version))$/,
      'privilege',
    ),
  ],
  ['dpkg-query', byOption(/^(-[lLsSWp]|-f.*|--(list|listfiles|status|search|show|showformat=.*))$/, 'privilege')],
  ['rpm', byOption(/^(-q[a-z]*|--(query|version|all|list|info))$/, 'privilege', /:\/\//)],
  [
    'apk',
    byVerb({
      reading: 'info list stats',
      otherwise: 'privilege',
      doubts: /^(-[a-zA-Z]*[UXp]|--(update|rep|root|keys|arch|cache))/,
    }),
  ],
  ...Object.entries(languages).map(([name, verbs]): [string, Judge] => [name, byVerb(verbs)]),
  ['pip3', byVerb(languages['pip'] ?? { otherwise: 'unknown' })],
  ['ip', ip],
  ['mount', showing(/^(-l|-v|--version)$/, 'privilege')],
  ['sysctl', showing(/^(-a|-n|-e|[a-z][\w.]+)$/, 'privilege')],
  [
    'ifconfig',
    (words) =>
      words.texts.length > 1
        ? [finding('privilege', 'ifconfig', reasons.privilege)]
        : showing(/^(-a|[a-z]+\d*)$/, 'privilege')(words),
  ],
  ['crontab', showing(/^-l$/, 'privilege')],
  ['swapon', showing(/^(-s|--show|--summary)$/, 'privilege')],
  ['fdisk', showing(/^-l$/, 'destruction')],
  ['hostnamectl', showing(/^(status)?$/, 'privilege')],
  ['timedatectl', showing(/^(status|list-timezones|show)?$/, 'privilege')],
  ['ufw', showing(/^(status|verbose|numbered)$/, 'privilege')],
  ...'aws gcloud az doctl heroku gh glab terraform tofu pulumi helm redis-cli gsutil s3cmd rclone'
    .split(' ')
    .map((name): [string, Judge] => [name, networkVerb]),
  ...'psql mysql mariadb mongo mongosh cqlsh clickhouse-client sqlite3'
    .split(' ')
    .map((name): [string, Judge] => [name, database]),
];

export const managers: ReadonlyMap<string, Judge> = new Map(entries);
