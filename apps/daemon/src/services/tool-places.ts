/** Where a tool call goes (N5): the node that it names, else that of the terminal that it names, else its default, else `main`. */
import { mainNodeId, NavisError } from '@navisai/protocol';
import type { NodeRecord } from '@navisai/store';
import type { Fleet } from '../nodes/fleet.ts';
import type { NodeRegistry } from '../nodes/registry.ts';
import { TerminalPlaces } from './terminal-places.ts';

export interface PlacedCall {
  sessionId: string;
  callId: string;
  tool: string;
  arguments: unknown;
  /** As the caller names it: by id or by name. */
  nodeId: string | undefined;
  /** Where it goes when nothing else says so: the node that an agent is bound to; default `main`. */
  defaultNodeId?: string | undefined;
}

export interface ToolPlaces {
  /** Throws NavisError NODE_UNKNOWN, NODE_OFFLINE or NODE_DRAINING; never another node instead. */
  choose(call: PlacedCall): NodeRecord;
  /** The node of that id or name; throws NavisError NODE_UNKNOWN naming the field. */
  require(node: string, field?: string): NodeRecord;
  /** Throws NODE_OFFLINE, or NODE_DRAINING for new work. */
  requireUsable(node: NodeRecord, isNewWork: boolean): void;
  /** Holds name and place of a terminal over all nodes while it is opened; throws TERMINAL_EXISTS or TERMINAL_LIMIT (T15, T16). */
  reserve(call: PlacedCall, node: NodeRecord): Disposable;
}

interface TerminalArguments {
  action?: unknown;
  terminal_name?: unknown;
}

/** Of the tool `terminal`: what only looks at, feeds or ends what is there already. */
const actionsOnExisting: ReadonlySet<unknown> = new Set(['list', 'status', 'send_input', 'close']);
const nothing: Disposable = { [Symbol.dispose]: () => undefined };

export const createToolPlaces = ({ fleet, registry }: { fleet: Fleet; registry: NodeRegistry }): ToolPlaces => {
  const terminals = new TerminalPlaces(fleet);

  const require = (node: string, field = 'node_id'): NodeRecord => {
    const record = registry.find(node);
    if (record === undefined)
      throw new NavisError('NODE_UNKNOWN', `There is no node ${JSON.stringify(node)}. Nothing was started.`, { field });
    return record;
  };

  const requireUsable = (node: NodeRecord, isNewWork: boolean): void => {
    if (!fleet.isConnected(node.id))
      throw new NavisError('NODE_OFFLINE', `The node ${node.name} is not connected. Nothing was started.`);
    if (isNewWork && node.draining)
      throw new NavisError('NODE_DRAINING', `The node ${node.name} is being drained and takes no new work.`);
  };

  return {
    require,
    requireUsable,
    choose(call) {
      const record = require(call.nodeId ?? fleet.placeOf(call) ?? nodeOfTerminal(call, fleet) ?? defaultOf(call));
      // The repeat of a call is none.
      requireUsable(record, isNewWork(call) && fleet.placeOf(call) !== record.id);
      return record;
    },
    reserve({ sessionId, callId, tool, arguments: given }, node) {
      const { action, terminal_name: name } = argumentsOf(given);
      // A call that was sent before is answered by its node.
      if (
        tool !== 'terminal' ||
        action !== 'open' ||
        typeof name !== 'string' ||
        fleet.placeOf({ sessionId, callId }) === node.id
      )
        return nothing;
      return terminals.reserve({ sessionId, name, nodeId: node.id });
    },
  };
};

const argumentsOf = (given: unknown): TerminalArguments =>
  typeof given === 'object' && given !== null ? (given as TerminalArguments) : {};

const isNewWork = ({ tool, arguments: given }: PlacedCall): boolean =>
  tool !== 'tool_manual' && !(tool === 'terminal' && actionsOnExisting.has(argumentsOf(given).action));

/** A list of terminals is of the whole session. */
const defaultOf = ({ tool, arguments: given, defaultNodeId = mainNodeId }: PlacedCall): string =>
  tool === 'terminal' && argumentsOf(given).action === 'list' ? mainNodeId : defaultNodeId;

/** Names are unique in a session over all nodes, so a name alone finds its terminal. */
const nodeOfTerminal = ({ sessionId, tool, arguments: given }: PlacedCall, fleet: Fleet): string | undefined => {
  const { action, terminal_name: name } = argumentsOf(given);
  if (tool !== 'terminal' || action === 'open' || typeof name !== 'string') return undefined;
  return fleet.terminals(sessionId).find((terminal) => terminal.name === name)?.nodeId;
};
