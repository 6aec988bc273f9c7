/**
 * Finds and ends everything that belongs to one command or terminal, also what called setsid or daemonised.
 *
 * A process belongs to a tree when it descends from the leader, is in a session of the tree, or carries the tree's
 * marker (`NAVIS_TERMINAL_ID=<id>`, `NAVIS_CALL_ID=<id>`) in its environment. What was found once stays known after its
 * parents are gone. The limit: a process that left the session, wiped its environment and lost all of its parents
 * before the first look is not found. Cgroups would find it, but the hub's own is rarely delegated, so they are not used.
 */
import { setTimeout } from 'node:timers/promises';
import { createProcessTable } from './process-table.ts';
import type { ListedProcess, ProcessInfo, ProcessReference, ProcessTable } from './process-table.types.ts';

/** No process: the marker alone finds the tree. */
export const unknownLeader: ProcessReference = { pid: 0, startTime: '' };

export interface ProcessTree {
  leader: ProcessReference;
  /** A whole `NAME=value` entry of the environment. */
  marker?: string;
}

export interface KillOptions {
  /** The first signal; KILL follows. */
  signal?: NodeJS.Signals;
  graceMs?: number;
  table?: ProcessTable;
}

export type KillRequest = ProcessTree & KillOptions;

const defaultGraceMs = 5000;
/** How long KILL is repeated; only processes stuck in the kernel outlast it. */
const killDeadlineMs = 10_000;
const pollMs = { first: 5, last: 100 } as const;
/** A fork during a look can hide a child once, not twice. */
const looksBeforeEmpty = 2;

/** The start time of a live process, or `null`. */
export const startTimeOf = async (pid: number, table = createProcessTable()): Promise<string | null> => {
  const info = await table.info(pid);
  return info === null || info.isDead ? null : info.startTime;
};

export const cwdOf = (pid: number, table = createProcessTable()): Promise<string | null> => table.cwd(pid);

export const isAlive = async (reference: ProcessReference, table = createProcessTable()): Promise<boolean> =>
  (await startTimeOf(reference.pid, table)) === reference.startTime;

/** The live processes of the tree, its leader included. */
export const processesOf = async (tree: ProcessTree, table = createProcessTable()): Promise<ProcessInfo[]> =>
  membersOf({ trees: [tree], processes: await table.list(tree.marker), known: new Set() });

/** Milliseconds of CPU used by the tree; any change since the last answer means activity (it falls when members end). */
export const cpuTimeOf = async (tree: ProcessTree, table = createProcessTable()): Promise<number> =>
  (await processesOf(tree, table)).reduce((sum, { cpuMs }) => sum + cpuMs, 0);

/**
 * Ends the tree: the first signal, KILL after `graceMs`, repeated until nothing is left or KILL has had its deadline.
 * Resolves with what could not be ended, normally nothing. A PID is signalled only while its start time matches.
 */
export const killProcessTree = (request: KillRequest): Promise<{ remaining: ProcessReference[] }> =>
  killProcessTrees([request], request);

/** The same for many trees at once, which costs no more looks than one. */
export const killProcessTrees = async (
  trees: readonly ProcessTree[],
  { signal = 'SIGTERM', graceMs = defaultGraceMs, table = createProcessTable() }: KillOptions = {},
): Promise<{ remaining: ProcessReference[] }> => {
  const markers = trees.flatMap(({ marker }) => marker ?? []);
  const known = new Set<string>();
  const asked = new Set<string>();
  const startedAt = performance.now();
  let waitMs: number = pollMs.first;
  for (let emptyLooks = 0; ;) {
    const members = membersOf({ trees, processes: await table.list(markers), known });
    emptyLooks = members.length === 0 ? emptyLooks + 1 : 0;
    if (emptyLooks >= looksBeforeEmpty) return { remaining: [] };
    const elapsedMs = performance.now() - startedAt;
    if (elapsedMs > graceMs + killDeadlineMs) return { remaining: members };
    const chosen = elapsedMs >= graceMs ? 'SIGKILL' : signal;
    const unasked = members.filter((member) => chosen === 'SIGKILL' || !asked.has(keyOf(member)));
    for (const member of unasked) asked.add(keyOf(member));
    await Promise.all(unasked.map((member) => askToEnd({ member, signal: chosen, table })));
    await setTimeout(waitMs);
    waitMs = Math.min(waitMs * 2, pollMs.last);
  }
};

const keyOf = ({ pid, startTime }: ProcessReference): string => `${pid}:${startTime}`;

interface MemberSearch {
  trees: readonly ProcessTree[];
  processes: ListedProcess[];
  /** Keys of members found by earlier looks; this look's are added. */
  known: Set<string>;
}

const membersOf = ({ trees, processes, known }: MemberSearch): ListedProcess[] => {
  const living = processes.filter(({ pid, isDead }) => !isDead && pid !== process.pid);
  const members = new Map<number, ListedProcess>();
  const add = (member: ListedProcess): void => {
    if (members.has(member.pid)) return;
    members.set(member.pid, member);
    known.add(keyOf(member));
  };
  const leaderKeys = new Set(trees.map(({ leader }) => keyOf(leader)));
  for (const candidate of living) {
    const key = keyOf(candidate);
    if (candidate.carriesMarker || known.has(key) || leaderKeys.has(key)) add(candidate);
  }
  // A zombie leader still holds its PID, so its session and children are still its own.
  const leaders = processes.filter((candidate) => leaderKeys.has(keyOf(candidate))).map(({ pid }) => pid);
  const holders = new Map(processes.map(({ pid, session }) => [pid, session]));
  for (let before = -1; before !== members.size;) {
    before = members.size;
    const sessions = sessionsOf(members, holders);
    for (const pid of leaders) sessions.add(pid);
    for (const candidate of living) {
      const isChild = members.has(candidate.parentPid) || leaders.includes(candidate.parentPid);
      if (isChild || sessions.has(candidate.session)) add(candidate);
    }
  }
  return [...members.values()];
};

/**
 * Sessions that are the tree's own: a member is in it and its leader is a member or gone. (The kernel reuses no PID that
 * still names a session.) The caller's own session is never taken, nor one led by a process outside of the tree.
 */
const sessionsOf = (members: ReadonlyMap<number, ListedProcess>, holders: ReadonlyMap<number, number>): Set<number> => {
  const ownSession = holders.get(process.pid);
  const isOwn = ({ session }: ListedProcess): boolean =>
    session !== 0 && session !== ownSession && (members.has(session) || !holders.has(session));
  return new Set([...members.values()].filter(isOwn).map(({ session }) => session));
};

interface EndRequest {
  member: ProcessInfo;
  signal: NodeJS.Signals;
  table: ProcessTable;
}

const askToEnd = async ({ member, signal, table }: EndRequest): Promise<void> => {
  const needsHangup = signal === 'SIGTERM' && member.hasTerminal && (await table.ignoresTermination(member));
  // Read again right before the signal: the listing may be some milliseconds old.
  if (!(await isAlive(member, table))) return;
  sendSignal(member.pid, signal);
  if (needsHangup) sendSignal(member.pid, 'SIGHUP');
  // A stopped process takes its signal only when continued.
  if (signal !== 'SIGKILL') sendSignal(member.pid, 'SIGCONT');
};

const sendSignal = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone meanwhile, or another user's: the next look tells.
  }
};
