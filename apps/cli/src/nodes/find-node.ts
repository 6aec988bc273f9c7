/** Finds the node that a person means by an id or a name, and the flag that names it. */
import type { Api } from '@navisai/client';
import { mainNodeId, NavisError, type NodeInfo, type TerminalInfo } from '@navisai/protocol';
import type { Flags, Positional, TextFormat } from '../command-line/command.types.ts';
import { nearest } from '../command-line/suggest.ts';
import { CommandError } from '../output/command-error.ts';
import { printable } from '../output/printable.ts';

const nodeFormat = {
  pattern: /^[A-Za-z0-9._-]{1,64}$/,
  meaning: 'the id or name of a node',
  remedy: 'See: navisai nodes list',
} as const satisfies TextFormat;

export const nodeFlag = {
  node: {
    type: 'text',
    placeholder: '<node>',
    maxLength: 1000,
    format: nodeFormat,
    completes: 'nodes',
    summary: `Id or name of the node to work on; default: ${mainNodeId}, the hub's own machine.`,
  },
} as const satisfies Flags;

export const nodePositional = {
  name: 'node',
  summary: 'Id or name of the node.',
  completes: 'nodes',
  maxLength: 1000,
  format: nodeFormat,
} as const satisfies Positional;

/** Rejects with NODE_UNKNOWN and the nearest name. */
export const findNode = async (api: Api, wanted: string): Promise<NodeInfo> => {
  try {
    return await api.node({ params: { id: wanted } });
  } catch (error) {
    if (!(error instanceof NavisError) || !unknownCodes.has(error.code)) throw error;
    throw await unknownNode(api, wanted);
  }
};

const unknownCodes: ReadonlySet<string> = new Set(['NODE_UNKNOWN', 'NOT_FOUND']);

/** The id of the node that `--node` names; `undefined` when it was not given. */
export const resolveNode = async (api: Api, wanted: string | undefined): Promise<string | undefined> => {
  if (wanted === undefined || wanted === mainNodeId) return wanted;
  return (await findNode(api, wanted)).id;
};

/** For the names of the nodes that terminals are on; the hub is not asked when all are on its own machine. */
export const nodesOf = async (api: Api, terminals: readonly TerminalInfo[]): Promise<NodeInfo[]> =>
  terminals.every(({ nodeId }) => nodeId === mainNodeId) ? [] : (await api.nodes()).nodes;

const unknownNode = async (api: Api, wanted: string): Promise<CommandError> => {
  const { nodes } = await api.nodes();
  const meant = nearest(wanted, new Set(nodes.flatMap(({ id, name }) => [name, id])));
  return new CommandError(`There is no node "${printable(wanted, 64)}".`, {
    code: 'NODE_UNKNOWN',
    exitCode: 5,
    affects: 'Nothing was done.',
    remedy: meant === undefined ? 'navisai nodes list' : `Did you mean ${meant}?`,
  });
};
