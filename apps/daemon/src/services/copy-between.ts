/** The tool `filesystem`'s `copy` from one node to another: only the hub reaches both. */
import { isAbsolute, posix } from 'node:path';
import type { ToolCallRequest } from '@navisai/machine';
import { errorTable, NavisError, parseFilesystemCall, type ToolResult, toErrorBody } from '@navisai/protocol';
import type { NodeRecord } from '@navisai/store';
import { type CallRef, keyOf } from '../nodes/call-places.ts';
import { CallResults } from '../nodes/call-results.ts';
import type { Fleet } from '../nodes/fleet.ts';
import { type PumpReport, pumpFile } from '../nodes/pump-file.ts';
import type { PlacedCall, ToolPlaces } from './tool-places.ts';

export interface CopyBetween {
  /** `undefined` for every other call. Throws NavisError; what goes wrong later is a result. */
  start(call: PlacedCall, request: ToolCallRequest, from: NodeRecord): Promise<ToolResult> | undefined;
  /** Answers false when no such copy is under way. */
  cancel(call: CallRef): boolean;
}

/** A file of a gigabyte takes half a minute over a good link. */
const defaultTimeoutSeconds = 300;
/** All copies together; each holds a few pieces in memory. */
const maxCopies = 20;

interface Copy {
  abort: AbortController;
  result: Promise<ToolResult>;
}

export const createCopyBetween = ({ fleet, places }: { fleet: Fleet; places: ToolPlaces }): CopyBetween => {
  const underWay = new Map<string, Copy>();
  const results = new CallResults();

  const begin = (request: ToolCallRequest, parts: CopyParts): Promise<ToolResult> => {
    const key = keyOf(request);
    const earlier = underWay.get(key)?.result ?? results.get(request);
    if (earlier !== undefined) return Promise.resolve(earlier);
    if (underWay.size >= maxCopies) throw new NavisError('RATE_LIMITED', 'Too many copies are under way.');
    const abort = new AbortController();
    const run = async (): Promise<ToolResult> => {
      const tellEnd = tellStart(fleet, { ...parts, request });
      const done = await runCopy(fleet, { ...parts, request, abort });
      underWay.delete(key);
      tellEnd(done);
      // What was stopped may go on with the same id.
      if (!['timeout', 'CANCELLED'].includes(done.error?.code ?? '')) results.keep(request, done);
      return done;
    };
    const result = run();
    underWay.set(key, { abort, result });
    return result;
  };

  return {
    start(call, request, from) {
      const to = targetOf(call);
      if (to === undefined) return undefined;
      const target = places.require(to, 'to_node_id');
      if (target.id === from.id) return undefined;
      places.requireUsable(target, true);
      return begin(request, { from, target, ...pathsOf(call) });
    },
    cancel(call) {
      const copy = underWay.get(keyOf(call));
      copy?.abort.abort();
      return copy !== undefined;
    },
  };
};

const targetOf = ({ tool, arguments: given }: PlacedCall): string | undefined => {
  if (tool !== 'filesystem' || typeof given !== 'object' || given === null) return undefined;
  const { action, to_node_id: to } = given as { action?: unknown; to_node_id?: unknown };
  return action === 'copy' && typeof to === 'string' ? to : undefined;
};

interface CopyPaths {
  path: string;
  to: string;
  overwrite: boolean;
  timeoutSeconds: number;
  warnings: string[];
}

interface CopyParts extends CopyPaths {
  from: NodeRecord;
  target: NodeRecord;
}

/** Throws NavisError INVALID_ARGUMENT. `working_dir` is of the node that the file comes from. */
const pathsOf = ({ arguments: given }: PlacedCall): CopyPaths => {
  const { call, warnings } = parseFilesystemCall(given);
  if (call.action !== 'copy') throw new NavisError('INVALID_ARGUMENT', 'action: must be copy.', { field: 'action' });
  if (call.recursive === true)
    throw new NavisError(
      'INVALID_ARGUMENT',
      'recursive: only single files are copied to another node. Nothing was started.',
      { field: 'recursive' },
    );
  const isWhole = isAbsolute(call.path) || call.path.startsWith('~') || call.working_dir === undefined;
  return {
    path: isWhole ? call.path : posix.join(call.working_dir ?? '', call.path),
    to: call.to,
    overwrite: call.overwrite ?? false,
    timeoutSeconds: call.timeout ?? defaultTimeoutSeconds,
    warnings: call.create_parents === true ? [...warnings, 'create_parents has no effect on another node.'] : warnings,
  };
};

/** Tells the session that the copy began; answers what tells its end (N9). */
const tellStart = (
  fleet: Fleet,
  { request, from, target, path, to }: CopyParts & { request: ToolCallRequest },
): ((result: ToolResult) => void) => {
  const { sessionId, callId, tool, userId, origin } = request;
  const begun = performance.now();
  const summary = `copy ${path} to ${to} on ${target.name}`.slice(0, 500);
  const call = { callId, tool, nodeId: from.id };
  fleet.announce({ type: 'tool_started', sessionId, data: { ...call, action: 'copy', summary, userId, origin } });
  return ({ success, error }) => {
    const end = { success, error: error?.code ?? null, exitCode: null, durationMs: performance.now() - begun };
    fleet.announce({ type: 'tool_call', sessionId, data: { ...call, ...end } });
  };
};

/** Never rejects. */
const runCopy = async (
  fleet: Fleet,
  { request, abort, from, target, ...paths }: CopyParts & { request: ToolCallRequest; abort: AbortController },
): Promise<ToolResult> => {
  const { sessionId, callId, userId, origin } = request;
  const timeout = AbortSignal.timeout(paths.timeoutSeconds * 1000);
  const metadata = { node_id: from.id, to_node_id: target.id, call_id: callId, warnings: paths.warnings };
  try {
    for (const { id } of [from, target]) await fleet.giveWork(sessionId, id);
    const { sizeBytes, sha256 }: PumpReport = await pumpFile({
      source: () => fleet.connected(from.id),
      target: () => fleet.connected(target.id),
      caller: { sessionId, userId, origin },
      transferId: callId,
      from: paths.path,
      to: paths.to,
      overwrite: paths.overwrite,
      signal: AbortSignal.any([abort.signal, timeout]),
    });
    const output = `Copied ${paths.path} on ${from.name} to ${paths.to} on ${target.name}: ${sizeBytes} bytes.`;
    return { success: true, output, metadata: { ...metadata, bytes: sizeBytes, sha256 } };
  } catch (error) {
    const isLate = timeout.aborted && !abort.signal.aborted;
    const { code, message, field } = toErrorBody(isLate ? new NavisError('timeout', lateText(paths)) : error);
    return {
      success: false,
      output: '',
      error: {
        code,
        message: message === '' ? errorTable[code].message : message,
        ...(field === undefined ? {} : { field }),
      },
      metadata,
    };
  }
};

const lateText = ({ timeoutSeconds }: CopyPaths): string =>
  `The copy took longer than ${timeoutSeconds} s. The target is as it was; the same call_id goes on where it stopped.`;
