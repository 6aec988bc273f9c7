/** What one run on many nodes is, and how each node fared. */
import type { NodeInfo, ToolResult } from '@navisai/protocol';

export type Target = Pick<NodeInfo, 'id' | 'name' | 'platform'>;

/** Why a command was not begun on a node. */
export type NotRun =
  | { kind: 'unreachable'; reason: string }
  | { kind: 'draining'; reason: string }
  | { kind: 'canary'; reason: string }
  | { kind: 'stopped'; reason: string }
  | { kind: 'interrupted'; reason: string };

export type Outcome =
  | { state: 'succeeded' | 'failed'; result: ToolResult; durationMs: number }
  /** No result came: the call itself was refused, or the hub stayed away. */
  | { state: 'failed'; error: { code: string; message: string }; durationMs: number }
  | { state: 'not_run'; why: NotRun };

export interface NodeOutcome {
  node: Pick<NodeInfo, 'id' | 'name'>;
  outcome: Outcome;
}
