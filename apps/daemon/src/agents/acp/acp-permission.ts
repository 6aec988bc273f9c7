/** Permission requests of an ACP agent, decided like every agent's call: by the policy, or by the person in the inbox (I19, A1). */
import type {
  PermissionOption,
  RequestPermissionRequest,
  RequestPermissionResponse,
  ToolKind,
} from '@agentclientprotocol/sdk';
import { gravest, pathFindings, type Place } from '@navisai/policy';
import { type BoundCall, mainNodeId, newId, type Risk } from '@navisai/protocol';
import type { Actor, CallGate } from '../agents.types.ts';
import { placeOfNode } from '../gate/places-of-nodes.ts';
import { quote } from './acp-agents.ts';

export interface PermissionParts {
  gate: CallGate;
  actor: Actor;
  /** The id under which the call is shown. */
  callId: string | undefined;
  signal: AbortSignal;
  /** The home directory of the person. */
  personHome: string;
  /** Told when it begins and ends to wait for a person. */
  onWaiting(callId: string, isWaiting: boolean): void;
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
  { gate, actor, callId = newId('call'), signal, personHome, onWaiting }: PermissionParts,
): Promise<RequestPermissionResponse> => {
  const call: BoundCall = {
    callId,
    sessionId: actor.session.id,
    userId: actor.userId,
    nodeId: actor.nodeId ?? mainNodeId,
    ...asToolCall(toolCall, actor),
  };
  const place = { ...placeOfNode(call.nodeId, personHome), directory: actor.directory ?? undefined };
  const answer = await gate.authorise({
    actor,
    call,
    risk: riskOf(toolCall, place),
    signal,
    onWaiting: (isWaiting) => onWaiting(callId, isWaiting),
  });
  if (signal.aborted) return { outcome: { outcome: 'cancelled' } };
  // Once, always: what holds for longer is a rule of Navis, not of the agent.
  const wanted: PermissionOption['kind'][] =
    answer.kind === 'allowed' ? ['allow_once', 'allow_always'] : ['reject_once', 'reject_always'];
  const option = wanted.map((kind) => options.find((one) => one.kind === kind)).find((one) => one !== undefined);
  if (option === undefined) return { outcome: { outcome: 'cancelled' } };
  return { outcome: { outcome: 'selected', optionId: option.optionId } };
};

/** A command is judged as one; everything else by its kind and the places that it names, under the name `acp`. */
const asToolCall = (
  toolCall: RequestPermissionRequest['toolCall'],
  { directory }: Actor,
): Pick<BoundCall, 'tool' | 'arguments'> => {
  const { kind, title, rawInput } = toolCall;
  const command = commandOf(rawInput);
  const named = textOf(rawInput, ['cwd', 'workdir', 'working_dir', 'workingDirectory']);
  const place = named === undefined || named.startsWith('/') ? (named ?? directory) : `${directory ?? '~'}/${named}`;
  if (command !== undefined)
    return {
      tool: 'terminal',
      arguments: { action: 'run', command, ...(place === null ? {} : { working_dir: place }) },
    };
  const paths = pathsOf(toolCall);
  return { tool: 'acp', arguments: { kind: kind ?? 'other', title: title ?? '', paths, input: rawInput ?? null } };
};

/** What an agent only calls reading is more where well-known secrets lie. */
const riskOf = (toolCall: RequestPermissionRequest['toolCall'], place: Place): Risk => {
  const risk = risks[toolCall.kind ?? 'other'];
  const access = risk === 'reading' ? 'read' : 'write';
  const findings = pathsOf(toolCall).flatMap((path) => pathFindings(path, access, place));
  return gravest([{ risk, text: '', reason: '' }, ...findings]);
};

const pathsOf = ({ locations, rawInput }: RequestPermissionRequest['toolCall']): string[] => {
  const named = textOf(rawInput, ['path', 'filePath', 'file_path', 'abs_path', 'absolute_path']);
  return [...(locations ?? []).map(({ path }) => path), ...(named === undefined ? [] : [named])];
};

const textOf = (rawInput: unknown, names: readonly string[]): string | undefined => {
  if (typeof rawInput !== 'object' || rawInput === null) return undefined;
  const given = rawInput as Readonly<Record<string, unknown>>;
  const value = names.map((name) => given[name]).find((one) => typeof one === 'string');
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/** Words stay words: what a shell would read from them joined may be something else. */
const commandOf = (rawInput: unknown): string | undefined => {
  if (typeof rawInput !== 'object' || rawInput === null || !('command' in rawInput)) return undefined;
  const { command } = rawInput;
  const { args } = rawInput as { args?: unknown };
  const isWords = (given: unknown): given is string[] =>
    Array.isArray(given) && given.every((word) => typeof word === 'string');
  if (isWords(command)) return command.map(quote).join(' ');
  if (typeof command !== 'string') return undefined;
  return isWords(args) && args.length > 0 ? [command, ...args].map(quote).join(' ') : command;
};
