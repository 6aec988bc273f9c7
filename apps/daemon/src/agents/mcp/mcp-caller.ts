/** Who calls the hub over MCP: a token, or a device that signs (`navisai mcp`); and as whom its calls are judged. */
import {
  type Device,
  type McpToken,
  mcpToolNames,
  NavisError,
  type Profile,
  profileSchema,
  scopeIncludes,
  type Session,
} from '@navisai/protocol';
import type { Authenticator } from '../../authentication/authenticate.ts';
import type { Sessions } from '../../services/sessions.ts';
import type { Actor } from '../agents.types.ts';
import type { McpTokens } from './mcp-tokens.ts';

export interface McpCaller {
  /** Of the token or device. */
  id: string;
  /** Told by `tools/list`; nothing else can be called. */
  tools: readonly string[];
  /** As whom a call is made. Rejects NavisError NOT_FOUND when the session of the token was closed, UNAUTHORIZED when it was revoked. */
  actor(): Promise<Actor>;
}

export interface CallerParts {
  authenticator: Authenticator;
  tokens: McpTokens;
  sessions: Sessions;
  findSession(id: string): Promise<Session | undefined>;
  /** Told of every call by a device. */
  onDevice(device: Device): void;
}

export interface McpAttempt {
  authorization: string | undefined;
  /** The value of `mcpSessionHeader`. */
  session: string | undefined;
  method: string;
  url: string;
  body: Uint8Array;
}

/** Rejects NavisError UNAUTHORIZED, CLOCK_SKEW, FORBIDDEN, or NOT_FOUND for a session that a device names. */
export const recogniseCaller = async (parts: CallerParts, attempt: McpAttempt): Promise<McpCaller> => {
  const bearer = /^Bearer +(\S+)$/i.exec(attempt.authorization ?? '')?.[1];
  return bearer === undefined ? callerOfDevice(parts, attempt) : callerOfToken(parts, bearer);
};

const callerOfToken = async (parts: CallerParts, secret: string): Promise<McpCaller> => {
  const { id, tools } = await recogniseToken(parts, secret);
  return {
    id,
    tools,
    // Once more: it may have been revoked before its call counted as one under way.
    async actor() {
      const token = await recogniseToken(parts, secret);
      return actorOf(token, await sessionOf(token, parts));
    },
  };
};

const recogniseToken = async ({ tokens }: CallerParts, secret: string): Promise<McpToken> => {
  const token = await tokens.recognise(secret);
  if (token === undefined) throw new NavisError('UNAUTHORIZED', 'This token is wrong, revoked or too old.');
  return token;
};

/** Made with the first call: a token that only looks around leaves nothing behind. */
const sessionOf = async (token: McpToken, { sessions, findSession }: CallerParts): Promise<Session> => {
  const { sessionId: id, name, userId } = token;
  const known = await findSession(id);
  if (known !== undefined) return known;
  await sessions.restore({ id, title: `MCP: ${name}`, userId });
  const made = await findSession(id);
  if (made !== undefined) return made;
  throw new NavisError('NOT_FOUND', 'The session of this token was closed. Make another: navisai mcp token add.');
};

const callerOfDevice = async (parts: CallerParts, attempt: McpAttempt): Promise<McpCaller> => {
  const { authenticator, sessions, onDevice } = parts;
  const device = authenticator.authenticateRequest(attempt);
  onDevice(device);
  if (!scopeIncludes(device.scope, 'operator'))
    throw new NavisError('FORBIDDEN', `MCP needs a device with the scope operator; this one has ${device.scope}.`);
  const session =
    attempt.session === undefined
      ? await sessions.defaultOf(device.userId)
      : await sessions.visible(device, attempt.session);
  const { name, userId } = device;
  const actor = actorOf({ name, userId, nodeId: null, approvals: 'risky', tools: [...mcpToolNames] }, session);
  return { id: device.id, tools: mcpToolNames, actor: () => Promise.resolve(actor) };
};

type Permissions = Pick<McpToken, 'name' | 'userId' | 'nodeId' | 'approvals' | 'tools'>;

const actorOf = ({ name, userId, nodeId, approvals, tools }: Permissions, session: Session): Actor => ({
  session,
  userId,
  requester: { kind: 'mcp', name },
  runId: null,
  profile: profileOf(name, { tools, approvals }),
  approvals,
  nodeId,
  directory: null,
  depth: 0,
  mayAsk: true,
});

const profileOf = (name: string, facts: Pick<McpToken, 'tools' | 'approvals'>): Profile =>
  profileSchema.parse({ id: 'mcp', name: name.slice(0, 100), description: 'A client of the MCP server.', ...facts });
