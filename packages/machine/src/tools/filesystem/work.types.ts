/** What the actions of the tool `filesystem` work with. */
import type { FilesystemAction, FilesystemCall, ToolResult } from '@navisai/protocol';
import type { Invocation, TerminalContext } from '../terminal/terminal-context.types.ts';
import type { FileAccess } from './file-access.ts';

export interface FileWork {
  files: FileAccess;
  context: TerminalContext;
  invocation: Invocation;
}

export type CallOf<Action extends FilesystemAction> = Extract<FilesystemCall, { action: Action }>;
export type ActionOf<Call> = (work: FileWork, call: Call) => Promise<ToolResult>;
