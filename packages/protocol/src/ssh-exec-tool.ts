/** The tool `ssh_exec`: its published schema and the parser that every call passes (P5). */
import { z } from 'zod';
import { parseActionCall } from './action-call.ts';
import type { ParsedCall } from './action-call.ts';
import { callIdSchema, nodeIdSchema } from './ids.ts';
import { timeoutSeconds } from './limits.ts';
import { commandSchema, pathSchema, seconds } from './tool-fields.ts';

export const sshActions = ['run', 'upload', 'download'] as const;
export type SshAction = (typeof sshActions)[number];

const fields = {
  action: z.enum(sshActions, { error: `must be one of ${sshActions.join(', ')}` }).describe('What to do.'),
  host: z
    .string()
    .regex(
      /^(?!-)([A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45}(%[A-Za-z0-9._-]{1,15})?)$/,
      'must be a host name, an alias of ~/.ssh/config or an address, and not begin with -',
    )
    .describe("Host name, address, or alias of the person's ~/.ssh/config."),
  port: z.number().int().min(1).max(65_535).optional().describe('Default: 22 or as in ~/.ssh/config.'),
  user: z
    .string()
    .regex(/^(?!-)[A-Za-z0-9._@+-]{1,64}\$?$/, 'must be a user name and not begin with -')
    .optional()
    .describe('Default: as in ~/.ssh/config, else the user of this machine.'),
  command: commandSchema.optional().describe("For 'run': the command line for the remote user's shell. REQUIRED."),
  local_path: pathSchema
    .optional()
    .describe(
      "For 'upload' and 'download': the file on this node, absolute, from ~ or relative to working_dir. REQUIRED.",
    ),
  remote_path: pathSchema
    .regex(/^[^\n\r]*$/, 'must be one line')
    .optional()
    .describe("For 'upload' and 'download': the file on the host, absolute or relative to the remote home. REQUIRED."),
  overwrite: z.boolean().optional().describe("For 'download': replace an existing local file; default false."),
  identity_file: pathSchema
    .optional()
    .describe('Private key to use; default: the ssh agent and ~/.ssh/config. Passwords are never asked for.'),
  host_key: z
    .string()
    .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, 'must be a fingerprint such as SHA256:…')
    .optional()
    .describe(
      'Accept exactly the host key of this SHA256 fingerprint, for this call only. Without it the host must be in ~/.ssh/known_hosts.',
    ),
  working_dir: pathSchema.optional().describe('Where relative local paths begin; default: the home directory.'),
  timeout: seconds(timeoutSeconds)
    .optional()
    .describe(`Seconds, default ${timeoutSeconds.default}, at most ${timeoutSeconds.max}.`),
  node_id: nodeIdSchema.optional().describe('Node to connect from; default: the node of the session.'),
  call_id: callIdSchema
    .optional()
    .describe('Repeats of a call with the same id answer with the first result and run nothing again.'),
};

/** The schema as published to models and at `/docs`; `parseSshExecCall` judges by action on top. */
export const sshExecToolSchema = z.strictObject(fields);

export const sshExecToolDescription =
  "Run a command on another host by ssh, or copy one file to or from it. Uses the person's own ssh keys, agent, configuration and known hosts; an unknown or changed host key is refused with its fingerprint.";

type Fields = z.infer<typeof sshExecToolSchema>;
type Having<K extends keyof Fields> = { [P in K]-?: Exclude<Fields[P], undefined> };
export type SshConnection = Pick<
  Fields,
  'host' | 'port' | 'user' | 'identity_file' | 'host_key' | 'working_dir' | 'timeout' | 'node_id' | 'call_id'
>;
export type SshExecCall = SshConnection &
  (
    | ({ action: 'run' } & Having<'command'>)
    | ({ action: 'upload' } & Having<'local_path' | 'remote_path'>)
    | ({ action: 'download' } & Having<'local_path' | 'remote_path'> & Pick<Fields, 'overwrite'>)
  );

const connection = ['port', 'user', 'identity_file', 'host_key', 'timeout'] as const;
const required: Record<SshAction, readonly (keyof Fields)[]> = {
  run: ['host', 'command'],
  upload: ['host', 'local_path', 'remote_path'],
  download: ['host', 'local_path', 'remote_path'],
};
const optional: Record<SshAction, readonly (keyof Fields)[]> = {
  run: [...connection, 'working_dir'],
  upload: [...connection, 'working_dir'],
  download: ['overwrite', ...connection, 'working_dir'],
};
/** Which parameters each action needs and which it may take; the manual is made from this. */
export const sshActionFields = { required, optional } as const;

/** Throws NavisError INVALID_ARGUMENT naming the field. */
export const parseSshExecCall = (input: unknown): ParsedCall<SshExecCall> =>
  parseActionCall<SshExecCall>({ schema: sshExecToolSchema, fields: sshActionFields }, input);
