/** Permission requests of an ACP agent, decided like every agent's call: by the policy, or by the person in the inbox (I19, A1). */
import type {
  PermissionOption,
  RequestPermissionRequest,
  RequestPermissionResponse,
  ToolKind,
} from '@agentclientprotocol/sdk';
import { type BoundCall, mainNodeId, newId, type Risk } from '@navisai/protocol';
import type { Actor, CallGate } from '../agents.types.ts';

export interface PermissionParts {
  gate: CallGate;
  actor: Actor;
  /** The id under which the call is shown. */
  callId: string | undefined;
  signal: AbortSignal;
}

/** An agent says itself what it is about to do; where it names no command, its word is all there is. */
const risks: Readonly<Record<ToolKind, Risk>> = {
  read: 'reading',
  search: 'reading',
  think: 'reading',
  switch_mode: 'changing',
  edit: 'changing',
  move: 'changing',
  fetch: 'network',
  execute: 'unknown',
  delete: 'destruction',
  other: 'unknown',
};

export const decidePermission = async (
  { toolCall, options }: RequestPermissionRequest,
  { gate, actor, callId = newId('call'), signal }: PermissionParts,
): Promise<RequestPermissionResponse> => {
  const call: BoundCall = {
    callId,
    sessionId: actor.session.id,
    userId: actor.userId,
    nodeId: actor.nodeId ?? mainNodeId,
    ...asToolCall(toolCall, actor),
  };
  const answer = await gate.authorise({ actor, call, risk: risks[toolCall.kind ?? 'other'], signal });
  if (signal.aborted) return { outcome: { outcome: 'cancelled' } };
  // Once, always: what holds for longer is a rule of Navis, not of the agent.
  const wanted: PermissionOption['kind'][] =
    answer.kind === 'allowed' ? ['allow_once', 'allow_always'] : ['reject_once', 'reject_always'];
  const option = wanted.map((kind) => options.find((one) => one.kind === kind)).find((one) => one !== undefined);
  if (option === undefined) return { outcome: { outcome: 'cancelled' } };
  return { outcome: { outcome: 'selected', optionId: option.optionId } };
};

/** A command is judged as one; everything else by its kind, under the name `acp`. */
const asToolCall = (
  { kind, title, rawInput, locations }: RequestPermissionRequest['toolCall'],
  { directory }: Actor,
): Pick<BoundCall, 'tool' | 'arguments'> => {
  const command = commandOf(rawInput);
  if (command !== undefined)
    return {
      tool: 'terminal',
      arguments: { action: 'run', command, ...(directory === null ? {} : { working_dir: directory }) },
    };
  const paths = (locations ?? []).map(({ path }) => path);
  return { tool: 'acp', arguments: { kind: kind ?? 'other', title: title ?? '', paths, input: rawInput ?? null } };
};

const commandOf = (rawInput: unknown): string | undefined => {
  if (typeof rawInput !== 'object' || rawInput === null || !('command' in rawInput)) return undefined;
  const { command } = rawInput;
  if (typeof command === 'string') return command;
  const isList = Array.isArray(command) && command.every((word) => typeof word === 'string');
  return isList ? command.join(' ') : undefined;
};
