/** What a tool makes of a call before anything is done: how it is judged, told and recorded, and the deed itself. */
import type { ToolResult } from '@navisai/protocol';
import type { Invocation, TerminalContext } from './terminal/terminal-context.types.ts';

export interface PlannedCall {
  /** The tool's own action, where it has one. */
  action: string | null;
  /** `read` changes nothing outside Navis. */
  access: 'read' | 'change';
  /** What it does in a line, without the content of files or of what is typed. */
  summary: string;
  /** It changes something, and nothing but the call journal remembers that: a repeat must not act again. */
  isJournaled: boolean;
  /** Done twice it harms nothing, and it may give space back: it is not refused when a full disk cannot record it. */
  mayGoUnrecorded?: boolean;
  /** Whether a host knows this call from before, so that acting again joins or resumes it. */
  isKnownToHost?(): boolean;
  act(): ToolResult | Promise<ToolResult>;
}

/** Throws INVALID_ARGUMENT; does nothing yet. */
export type PlanCall = (context: TerminalContext, invocation: Invocation) => PlannedCall;
