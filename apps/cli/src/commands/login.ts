/** `navisai login`: lets the CLI of this machine use a hub elsewhere, after making sure that it is that hub (I12, I14). */
import { scopeSchema } from '@navisai/protocol';
import { hostname, userInfo } from 'node:os';
import { X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { defineCommand } from '../command-line/command.types.ts';
import { readEnvironment } from '../environment.ts';
import { hasLocalHub } from '../hub/choose-hub.ts';
import {
  hubNameFormat,
  type KnownHub,
  type KnownHubs,
  localHubName,
  readKnownHubs,
  unknownHub,
  writeKnownHubs,
} from '../hub/known-hubs.ts';
import { parseLoginTarget, parseToken } from '../login/login-target.ts';
import { pairWithHub } from '../login/pair-with-hub.ts';
import { verifyHub, type VerifiedHub, type VerifyRequest } from '../login/verify-hub.ts';
import { CommandError, usageError } from '../output/command-error.ts';
import type { Output } from '../output/output.ts';
import { printable } from '../output/printable.ts';
import { fingerprintRows, parseFingerprint } from '../trust/fingerprint.ts';

const maxNameLength = 64;

export const login = defineCommand({
  isLocal: true,
  summary: 'Use a hub on another machine from here.',
  details:
    'Checks that it is the hub: by the fingerprint of its CA, which you compare with what `navisai trust --phone` shows there, or which a link of `navisai pair` carries; or by a certificate that this system trusts. Then it asks to be paired with a key of its own and shows the short code that must be approved at the hub. Afterwards every command works there: by default, or with --hub <name>.',
  examples: [
    { command: "navisai login 'https://navis.local/pair#…'", note: 'with the link that navisai pair shows at the hub' },
    { command: 'navisai login https://navis.local', note: 'asks for fingerprint and link' },
    { command: 'navisai login --list', note: 'which hubs this CLI knows' },
    { command: 'navisai login --use home', note: 'the hub that commands use from now on' },
  ],
  flags: {
    as: {
      type: 'text',
      placeholder: '<name>',
      format: hubNameFormat,
      summary: 'Name of the hub here; default: from its address.',
    },
    'device-name': {
      type: 'text',
      placeholder: '<name>',
      maxLength: maxNameLength,
      summary: 'How this CLI is called at the hub.',
    },
    scope: {
      type: 'choice',
      choices: ['viewer', 'operator', 'admin'],
      summary: 'What this CLI asks for; at most what the link allows.',
    },
    fingerprint: {
      type: 'text',
      placeholder: '<sha256>',
      maxLength: 200,
      summary: "Of the hub's CA, if it was told elsewhere: nothing is asked.",
    },
    ca: {
      type: 'text',
      placeholder: '<file>',
      completes: 'files',
      maxLength: 4096,
      summary: "PEM of the CA of the hub's certificate, where its operator has one that this system does not know.",
    },
    list: { type: 'boolean', summary: 'List the known hubs.' },
    use: {
      type: 'text',
      placeholder: '<name>',
      completes: 'hubs',
      maxLength: maxNameLength,
      summary: 'Make a known hub, or "local", the default.',
    },
  },
  positionals: [{ name: 'url', optional: true, maxLength: 2000, summary: 'Address of the hub, or a pairing link.' }],
  async run({ flags, positionals, output }) {
    const { home } = readEnvironment();
    if (flags.list) return listHubs(await readKnownHubs(home), output);
    if (flags.use !== undefined) return useHub(home, flags.use, output);
    if (positionals.url === undefined)
      throw usageError('<url> is missing: the address of the hub.', 'See: navisai login --help');
    const target = parseLoginTarget(positionals.url);
    const known = await readKnownHubs(home);
    const name = flags.as ?? nameFrom(target.origin);
    const fingerprint =
      flags.fingerprint === undefined ? target.fingerprint : parseFingerprint(flags.fingerprint, '--fingerprint');
    const givenCa = flags.ca === undefined ? undefined : await readCa(flags.ca);
    const verified = await verify({ origin: target.origin, expected: fingerprint, givenCa }, output);
    requireFreeName(known, name, verified.status.hubId);
    const token = target.token ?? (await askForToken(target.origin, output));
    const { device, privateKey, publicKey } = await pairWithHub({
      connection: verified.connection,
      hubId: verified.status.hubId,
      token,
      deviceName: flags['device-name'] ?? ownName(),
      scope: flags.scope === undefined ? undefined : scopeSchema.parse(flags.scope),
      onCode: (code) => output.remark(codeText(code, output)),
    });
    const hub = {
      name,
      origin: target.origin,
      hubId: verified.status.hubId,
      deviceId: device.id,
      privateKey,
      publicKey,
      ca: verified.ca,
    };
    const isDefault = await keep(home, known, hub);
    output.result({ name, origin: hub.origin, hubId: hub.hubId, device, default: isDefault }, () => [
      `${output.colors.green('✓')} Logged in to ${hub.origin} as ${printable(device.name)} (${device.scope}).`,
      isDefault ? 'Commands use this hub from now on.' : `Use it with: navisai --hub ${name} <command>`,
    ]);
    return 0;
  },
});

/** The first part of a name; the whole of an address. */
const nameFrom = (origin: string): string => {
  const { hostname: host } = new URL(origin);
  const isAddress = /^[\d.]+$/.test(host) || host.startsWith('[');
  const name = isAddress ? host.replace(/^\[|\]$/g, '').replaceAll(':', '-') : (host.split('.')[0] ?? host);
  return hubNameFormat.pattern.test(name)
    ? name
    : `hub-${name.replace(/[^A-Za-z0-9._-]/g, '')}`.slice(0, maxNameLength);
};

const ownName = (): string => `${userInfo().username}@${hostname()}`.slice(0, maxNameLength);

/** Throws a usage error for a file that is no certificate. */
const readCa = async (path: string): Promise<string> => {
  try {
    const pem = await readFile(path, 'utf8');
    new X509Certificate(pem).toString();
    return pem;
  } catch (error) {
    const reason =
      error instanceof Error && 'code' in error && error.code === 'ENOENT'
        ? 'there is no such file'
        : 'it holds no certificate';
    throw usageError(`--ca: ${printable(path, 200)}: ${reason}.`);
  }
};

const verify = (facts: Omit<VerifyRequest, 'confirm'>, output: Output): Promise<VerifiedHub> =>
  verifyHub({
    ...facts,
    confirm: async (fingerprint) => {
      const rows = fingerprintRows(fingerprint);
      if (!canAsk(output))
        throw usageError(
          'Whether this is your hub must be confirmed by its fingerprint, and nobody can be asked here.',
          'Pass a link of navisai pair that carries it, or --fingerprint with what navisai trust --phone shows at the hub.',
        );
      output.remark(
        `The hub at ${facts.origin} shows a CA with this fingerprint (SHA-256):\n\n  ${rows[0]}\n  ${rows[1]}\n`,
      );
      output.remark('Compare it with what the hub itself shows there: navisai trust --phone');
      return isYes(await question('Is it the same? [y/N] '));
    },
  });

const askForToken = async (origin: string, output: Output): Promise<string> => {
  if (!canAsk(output))
    throw usageError(
      'A pairing link is needed.',
      `At the hub: navisai pair; then here: navisai login '${origin}/pair#…'`,
    );
  output.remark('At the hub run navisai pair, and paste its link here.');
  const pasted = parseToken(await question('Link: '));
  if (pasted === undefined) throw usageError('This is not a complete pairing link.', 'At the hub: navisai pair');
  return pasted.token;
};

const canAsk = (output: Output): boolean => process.stdin.isTTY === true && !output.isJson;

const question = async (text: string): Promise<string> => {
  using prompt = createInterface({ input: process.stdin, output: process.stderr });
  prompt.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  return await prompt.question(text);
};

const isYes = (text: string): boolean => /^\s*y(es)?\s*$/i.test(text);

const codeText = (code: string, { errorColors }: Output): string =>
  `Approve this CLI at the hub, where this code must show:  ${errorColors.bold(code)}\nWaiting …`;

const requireFreeName = ({ hubs }: KnownHubs, name: string, hubId: string): void => {
  const other = hubs.find((hub) => hub.name === name && hub.hubId !== hubId);
  if (other === undefined) return;
  throw new CommandError(`"${name}" is another hub here already (${other.origin}).`, {
    code: 'CONFLICT',
    exitCode: 6,
    affects: 'Nothing was stored.',
    remedy: `Choose another name: --as <name>; or forget that one: navisai logout ${name}`,
  });
};

/** Whether it is the default now: of a machine without a hub of its own the first one is. */
const keep = async (home: string, known: KnownHubs, hub: KnownHub): Promise<boolean> => {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const hubs = [...known.hubs.filter(({ name }) => name !== hub.name), hub];
  const isFirst = known.default === undefined && !hasLocalHub(home);
  const chosen = isFirst ? hub.name : known.default;
  await writeKnownHubs(home, { default: chosen, hubs });
  return chosen === hub.name;
};

const listHubs = ({ default: chosen, hubs }: KnownHubs, output: Output): number => {
  const shown = hubs.map(({ name, origin, hubId, deviceId }) => ({
    name,
    origin,
    hubId,
    deviceId,
    default: name === chosen,
  }));
  output.result({ hubs: shown }, () =>
    shown.length === 0
      ? ['No hub elsewhere is known here.']
      : output.table(
          ['NAME', 'ADDRESS', 'DEVICE', 'DEFAULT'],
          shown.map((hub) => [hub.name, hub.origin, hub.deviceId, hub.default ? 'yes' : '']),
        ),
  );
  return 0;
};

const useHub = async (home: string, name: string, output: Output): Promise<number> => {
  const known = await readKnownHubs(home);
  if (name !== localHubName && !known.hubs.some((hub) => hub.name === name)) throw unknownHub(name, known.hubs);
  await writeKnownHubs(home, { ...known, default: name === localHubName ? undefined : name });
  output.result(
    { default: name },
    () => `Commands use ${name === localHubName ? 'the hub of this machine' : name} from now on.`,
  );
  return 0;
};
