/** The settings of one hub, from its flags, its environment and `$NAVIS_HOME/config.json`. */
import { isIP } from 'node:net';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { argumentError, defaultPort, idleTerminal, NavisError } from '@navisai/protocol';
import { z } from 'zod';
import { readFileIfThere } from '@navisai/service';
import type { KeyringSettings } from '../agents/models/keyring/keyring.types.ts';
import { findKeyring } from '../agents/models/keyring/find-keyring.ts';
import type { Flags } from './flags.ts';
import { findHomePath } from './home-path.ts';

const originSchema = z.string().refine((text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'https:' && url.origin === text;
}, 'must be an origin such as https://hub.example.com');

const readOnlyTools = z.array(z.string().max(200)).max(200).optional();
/** I20: as other clients of MCP write them down. */
const mcpServerSchema = z.union([
  z.strictObject({
    command: z.string().min(1).max(4096),
    args: z.array(z.string().max(4096)).max(100).optional(),
    env: z.record(z.string(), z.string()).optional(),
    cwd: z.string().min(1).max(4096).optional(),
    readOnlyTools,
  }),
  z.strictObject({
    url: z.url({ protocol: /^https?$/ }),
    headers: z.record(z.string(), z.string()).optional(),
    readOnlyTools,
  }),
]);
const mcpServersSchema = z
  .record(
    z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'a server has a name of up to 32 of a-z 0-9 -'),
    mcpServerSchema,
  )
  .refine((servers) => Object.keys(servers).length <= 50, 'has more than 50 servers');

/** As a shell takes them. */
const variablesSchema = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a variable has a name of A-Z a-z 0-9 _ that begins with no digit'),
  z
    .string()
    .max(64 * 1024)
    .refine((value) => !value.includes('\0'), 'has a NUL, which no variable can hold'),
);
const acpAgentsSchema = z
  .record(
    z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'an agent has a name of up to 32 of a-z 0-9 -'),
    z.strictObject({
      command: z.string().min(1).max(4096),
      args: z.array(z.string().max(4096)).max(100).optional(),
      env: variablesSchema.optional(),
    }),
  )
  .refine((agents) => Object.keys(agents).length <= 50, 'has more than 50 agents');

const fileSchema = z.strictObject({
  /** I5. */
  port: z.number().int().min(1).max(65_535).optional(),
  /** I3: one address or several to listen on, beside this machine's own; elsewhere only when it is said here. */
  listen: z
    .preprocess(
      (value) => (typeof value === 'string' ? [value] : value),
      z
        .array(z.string())
        .min(1)
        .max(20)
        .refine((texts) => texts.every((text) => isIP(text) !== 0), 'must be an IP address, or a list of them'),
    )
    .optional(),
  /** I3, I11: further origins under which the hub may be used. */
  origins: z.array(originSchema).max(50).optional(),
  /** I3: the operator's own certificate (PEM files) instead of the local one. */
  certificate: z.strictObject({ certificateFile: z.string().min(1), keyFile: z.string().min(1) }).optional(),
  /** I4, I16: written by `navisai setup`; its presence means that the bridge is set up. */
  bridge: z
    .strictObject({
      /** Where the hub takes the bridge's connections, on this machine only. */
      port: z.number().int().min(0).max(65_535).optional(),
      /** The port that the bridge owns. */
      publicPort: z.number().int().min(1).max(65_535).optional(),
      /** Whether `navis.local` is published in the network. */
      mdns: z.boolean().optional(),
    })
    .optional(),
  /** T25. */
  terminalIdleSeconds: z.number().int().min(1).max(31_536_000).optional(),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).optional(),
  /** I20: MCP servers whose tools agents may use. */
  mcpServers: mcpServersSchema.optional(),
  /** I19: further ACP agents, or other commands for the known ones. */
  acpAgents: acpAgentsSchema.optional(),
  /** I18: where projects are looked for on this machine; default the home directory. */
  projects: z
    .strictObject({
      roots: z
        .array(
          z
            .string()
            .max(4096)
            .regex(/^(\/|~(\/|$))/, 'must be absolute, or begin with ~/'),
        )
        .min(1)
        .max(50),
    })
    .optional(),
  /** A8: `false` keeps keys of models in a file also where there is a keyring, so that they open before anybody logs in. */
  keyring: z.boolean().optional(),
  /** Read by the CLI. */
  detachKeys: z.string().max(100).optional(),
});

/** Beside the hub's own; the bridge knows it too. */
const defaultBridgePort = defaultPort + 1;

export interface Config {
  home: string;
  port: number;
  /** Without loopback: there it always listens. */
  listen: string[];
  /** `undefined`: not set up. */
  bridge: { port: number; publicPort: number; mdns: boolean } | undefined;
  origins: string[];
  certificate: { certificateFile: string; keyFile: string } | undefined;
  /** T25: a background terminal that nobody uses for so long is closed. */
  terminalIdleMs: number;
  /** T27; `undefined`: admins are unrestricted. */
  allowedCommands: string | undefined;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
  mcpServers: z.infer<typeof mcpServersSchema>;
  acpAgents: z.infer<typeof acpAgentsSchema>;
  /** A8; `undefined`: there is none, or it shall not be used. */
  keyring: KeyringSettings | undefined;
  /** I18; `undefined`: the home directory. */
  projectRoots: string[] | undefined;
  /** The person whose hub this is. */
  person: { home: string; language: string | undefined; runtimeDirectory: string | undefined };
  /** No colour (https://no-color.org) and no drawing that a dumb terminal cannot show. */
  isPlain: boolean;
  /** How this person calls the CLI: `npm start` does not put it into the PATH. */
  commandName: string;
}

export interface ConfigSources {
  flags: Flags;
  variables: NodeJS.ProcessEnv;
}

export const readConfig = (flags: Flags): Config => composeConfig({ flags, variables: process.env });

/** Throws NavisError INVALID_ARGUMENT naming the key. */
export const composeConfig = ({ flags, variables }: ConfigSources): Config => {
  const home = findHome(flags, variables);
  const file = readConfigFile(join(home, 'config.json'));
  return {
    home,
    port: flags.port ?? file.port ?? defaultPort,
    listen: file.listen ?? [],
    bridge: file.bridge && {
      port: file.bridge.port ?? defaultBridgePort,
      publicPort: file.bridge.publicPort ?? 443,
      mdns: file.bridge.mdns ?? true,
    },
    origins: file.origins ?? [],
    certificate: file.certificate && {
      certificateFile: resolve(home, file.certificate.certificateFile),
      keyFile: resolve(home, file.certificate.keyFile),
    },
    terminalIdleMs: (file.terminalIdleSeconds ?? idleTerminal.limitMinutes * 60) * 1000,
    allowedCommands: variables.TERMINAL_ALLOWED_COMMANDS,
    logLevel: file.logLevel ?? 'info',
    mcpServers: file.mcpServers ?? {},
    acpAgents: file.acpAgents ?? {},
    keyring: file.keyring === false ? undefined : findKeyring(variables),
    projectRoots: file.projects?.roots,
    person: { home: homedir(), language: variables.LANG, runtimeDirectory: variables.XDG_RUNTIME_DIR },
    commandName: variables.npm_lifecycle_event === undefined ? 'navisai' : 'npx navisai',
    isPlain: (variables.NO_COLOR ?? '') !== '' || variables.TERM === 'dumb',
  };
};

const findHome = (flags: Flags, variables: NodeJS.ProcessEnv): string => {
  if (flags.home === undefined && (variables.NAVIS_HOME ?? '') !== '' && !isAbsolute(variables.NAVIS_HOME ?? ''))
    throw new NavisError('INVALID_ARGUMENT', 'NAVIS_HOME must be an absolute path.', { field: 'NAVIS_HOME' });
  return findHomePath(flags.home, variables);
};

const readConfigFile = (path: string): z.infer<typeof fileSchema> => {
  const text = readFileIfThere(path);
  if (text === undefined) return {};
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new NavisError('INVALID_ARGUMENT', `${path}: is not valid JSON.`, { field: 'config.json' });
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw new NavisError('INVALID_ARGUMENT', `${path}: must be a JSON object.`, { field: 'config.json' });
  const parsed = fileSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const { field, message } = argumentError(parsed.error);
  const problem = message.replace(/ Nothing was started\.$/, '').replace(' known parameter', ' known setting');
  throw new NavisError('INVALID_ARGUMENT', `${path}: ${problem}`, { field: field ?? 'config.json' });
};
