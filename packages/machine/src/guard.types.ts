/**
 * What may run on this machine, and inside what: the node's ceiling (`policy.json`), narrowed by the hub's overlay and by
 * `TERMINAL_ALLOWED_COMMANDS` (T27, N12). Checks refuse early and explain; `confine` is what really contains.
 */
import type { ToolCallRequest } from './machine.types.ts';

export interface Program {
  file: string;
  args: string[];
  workingDirectory: string;
  environment: Record<string, string>;
}

/** As its record tells of it. */
export type StartedProgram = Pick<Program, 'file' | 'args'> & { labels: Record<string, string> };

export interface ToolUse {
  /** The tool's own action, such as `write` of `filesystem`. */
  action?: string;
  /** `read` changes nothing outside Navis. */
  access: 'read' | 'change';
}

export interface Guard {
  /** True when a ceiling confines what runs here: then every program must be started as `confine` answers. */
  readonly isRestricted: boolean;
  /** Throws POLICY_DENIED naming the rule and where it lives. Every tool asks once, before it does anything. */
  allowTool(request: ToolCallRequest, use: ToolUse): void;
  /** Milliseconds at which the approval ends that lets just this call run, once; `undefined` where it needed none. */
  approvedUntil(request: ToolCallRequest): number | undefined;
  /** Throws COMMAND_NOT_ALLOWED or POLICY_DENIED. `workingDirectory` is absolute. */
  allowCommand(request: ToolCallRequest, command: { text: string; workingDirectory: string }): void;
  /** Throws POLICY_DENIED unless the absolute, link-free path lies where it may be read or written. */
  allowPath(request: ToolCallRequest, path: { realPath: string; access: 'read' | 'write' }): void;
  /** Throws POLICY_DENIED when what was started, as it stands in its record, may reach more than the policy allows by now. */
  allowInput(started: StartedProgram, request: ToolCallRequest): void;
  /**
   * The program to start for this one: itself, or the sandbox that holds it, which for an agent hides Navis's own state
   * (A7); without a request it is held like an agent's. Rejects SANDBOX_UNAVAILABLE, saying what to install.
   */
  confine(program: Program, request?: ToolCallRequest): Promise<Program>;
  /** What the session of an agent's call is told once, where nothing here can hide anything (A7). */
  warningFor(request: ToolCallRequest): Promise<string | null>;
}
