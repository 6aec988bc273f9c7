/** The tool `filesystem`: judges a call and hands it to its action, within its time (P5, N4). */
import { NavisError, parseFilesystemCall, timeoutSeconds } from '@navisai/protocol';
import type { FilesystemAction, FilesystemCall, ToolResult } from '@navisai/protocol';
import type { PlanCall } from '../tool.types.ts';
import type { Invocation, TerminalContext } from '../terminal/terminal-context.types.ts';
import { copyEntry } from './copy.ts';
import { deleteEntry } from './delete.ts';
import { diffFiles } from './diff.ts';
import { editFile } from './edit.ts';
import { FileAccess } from './file-access.ts';
import { findEntries } from './find.ts';
import { grepFiles } from './grep.ts';
import { listDirectory } from './list.ts';
import { moveEntry } from './move.ts';
import { isContained } from './open-directory.ts';
import { readFile } from './read.ts';
import type { ActionOf, CallOf } from './work.types.ts';
import { writeFile } from './write.ts';

const actions: { [Action in FilesystemAction]: ActionOf<CallOf<Action>> } = {
  read: readFile,
  write: writeFile,
  edit: editFile,
  list: listDirectory,
  find: findEntries,
  grep: grepFiles,
  copy: copyEntry,
  move: moveEntry,
  delete: deleteEntry,
  diff: diffFiles,
};

const changing: ReadonlySet<FilesystemAction> = new Set(['write', 'edit', 'copy', 'move', 'delete']);

/** Throws INVALID_ARGUMENT. */
export const planFilesystemCall: PlanCall = (context, invocation) => {
  const { call, warnings } = parseFilesystemCall(invocation.request.arguments);
  invocation.warnings.push(...warnings);
  const isChange = changing.has(call.action) && !(call.action === 'delete' && call.dry_run === true);
  return {
    action: call.action,
    access: isChange ? 'change' : 'read',
    summary: summaryOf(call),
    isJournaled: isChange,
    mayGoUnrecorded: call.action === 'delete',
    act: () => actWithinTime(context, invocation, call),
  };
};

const actWithinTime = async (
  context: TerminalContext,
  invocation: Invocation,
  call: FilesystemCall,
): Promise<ToolResult> => {
  // Elsewhere a link could be put into a path between the question and the deed.
  if (context.guard.isRestricted && !isContained) throw new NavisError('SANDBOX_UNAVAILABLE');
  const { home } = await context.environment();
  const seconds = call.timeout ?? timeoutSeconds.default;
  return context.fileActions.withinTime({ seconds, signal: invocation.signal }, (signal) => {
    const files = new FileAccess({
      home,
      workingDirectory: call.working_dir,
      allow: (realPath, access) => context.guard.allowPath(invocation.request, { realPath, access }),
      signal,
    });
    // The action is chosen by the call's own kind, which the compiler cannot follow.
    const act = actions[call.action] as ActionOf<FilesystemCall>;
    return act({ files, context, invocation }, call);
  });
};

const summaryOf = (call: FilesystemCall): string => {
  const path = call.path ?? call.working_dir ?? '~';
  if (call.action === 'copy')
    return `${path} to ${call.to_node_id === undefined ? '' : `${call.to_node_id}:`}${call.to}`;
  if (call.action === 'move') return `${path} to ${call.to}`;
  if (call.action === 'grep' || (call.action === 'find' && call.pattern !== undefined))
    return `${call.pattern ?? ''} in ${path}`;
  return path;
};
