/** Nodes as a person reads them: the table of all, and everything about one. */
import type { NodeInfo } from '@navisai/protocol';
import { formatDuration } from '../output/duration.ts';
import type { Output } from '../output/output.ts';
import { printable } from '../output/printable.ts';
import { labelWords } from './labels.ts';

/** `now` in milliseconds, of the clock that the hub's times are compared with. */
export const nodeTable = (nodes: readonly NodeInfo[], output: Output, now = Date.now()): string[] =>
  output.table(
    ['NAME', 'STATE', 'SINCE', 'LOAD', 'TERMINALS', 'PLATFORM', 'VERSION', 'LABELS'],
    nodes.map((node) => [
      node.name,
      nodeState(node),
      sinceText(node, now),
      loadText(node),
      String(node.terminals),
      node.platform === null ? '-' : `${node.platform.os} ${node.platform.arch}`,
      node.version ?? '-',
      labelWords(node.labels).join(' ') || '-',
    ]),
  );

/** `online, draining, restricted`: the state and what limits it. */
export const nodeState = ({ state, draining, restricted }: NodeInfo): string =>
  [state, ...(draining ? ['draining'] : []), ...(restricted ? ['restricted'] : [])].join(', ');

/** How long it has been as it is. */
export const sinceText = (node: NodeInfo, now = Date.now()): string => {
  const since = node.state === 'online' ? node.connectedAt : node.state === 'offline' ? node.lastSeenAt : null;
  return since === null ? '-' : formatDuration(now - Date.parse(since));
};

/** Runnable processes per processor: `0.42 of 8`. */
const loadText = ({ state, load }: NodeInfo): string =>
  load === null || state !== 'online' ? '-' : `${load.load1.toFixed(2)} of ${load.cpus}`;

/** Everything about one node. */
export const nodeLines = (node: NodeInfo, now = Date.now()): string[] => {
  const { platform, load } = node;
  const rows: [string, string | null][] = [
    ['id', node.id],
    ['state', stateLine(node, now)],
    ['labels', labelWords(node.labels).join(' ') || 'none'],
    ['platform', platform && `${platform.os} ${platform.arch}, ${platform.release}`],
    ['host', platform && `${platform.hostname}, commands run as ${platform.user}`],
    ['sandbox', platform && platform.sandbox],
    ['policy', node.restricted ? `restricted; see: navisai nodes policy ${node.name}` : 'unrestricted'],
    ['version', node.version],
    ['load', load && `${loadText({ ...node, state: 'online' })}, ${memoryText(load)}, up ${uptime(load.uptime)}`],
    ['terminals', String(node.terminals)],
    ['epoch', String(node.epoch)],
    ['added', node.createdAt],
    ['enrolled', node.enrolledAt],
    ['key until', node.keyExpiresAt],
    ['last seen', node.lastSeenAt],
  ];
  const shown = rows.filter((row): row is [string, string] => row[1] !== null);
  return [printable(node.name), ...shown.map(([name, text]) => `  ${name.padEnd(10)} ${printable(text)}`)];
};

const stateLine = (node: NodeInfo, now: number): string => {
  const since = sinceText(node, now);
  return since === '-' ? nodeState(node) : `${nodeState(node)}, for ${since}`;
};

const uptime = (seconds: number): string => formatDuration(seconds * 1000);

const memoryText = ({ memoryBytes, freeMemoryBytes }: { memoryBytes: number; freeMemoryBytes: number }): string =>
  `${gibibytes(freeMemoryBytes)} of ${gibibytes(memoryBytes)} GiB memory free`;

const gibibytes = (bytes: number): string => (bytes / 1024 ** 3).toFixed(1);
