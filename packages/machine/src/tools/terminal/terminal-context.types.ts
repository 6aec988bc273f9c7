/** What the actions of the tool `terminal` work with. */
import type { TerminalInfo } from '@navisai/protocol';
import type { Guard } from '../../guard.types.ts';
import type { LoginEnvironment } from '../../login-environment.ts';
import type { MachineEvent, RunHosts, ToolCallRequest } from '../../machine.types.ts';
import type { ProcessTable } from '../../process-table.types.ts';
import type { PtyHosts, TerminalRecord } from '../../pty-hosts.types.ts';
import type { OpenShells } from '../../shell-integration/open-shells.ts';
import type { FileActions } from '../filesystem/within-time.ts';
import type { OutputKeeper } from '../output-keeper.types.ts';
import type { TerminalClosings } from './terminal-closings.ts';
import type { TerminalNames } from './terminal-names.ts';

export interface TerminalContext {
  nodeId: string;
  hosts: PtyHosts;
  runHosts: Pick<RunHosts, 'run' | 'cancel' | 'sessionOf' | 'readOutput'>;
  table: ProcessTable;
  names: TerminalNames;
  closings: TerminalClosings;
  shells: OpenShells;
  outputs: OutputKeeper;
  fileActions: FileActions;
  info(record: TerminalRecord): TerminalInfo;
  environment(): Promise<LoginEnvironment>;
  /** Private, and read only for what agents start. */
  scriptFolder(): Promise<string>;
  guard: Guard;
  emit(event: MachineEvent): void;
}

/** One call under way. */
export interface Invocation {
  request: ToolCallRequest;
  /** Goes into `metadata.warnings`. */
  warnings: string[];
  /** Aborted when the call is cancelled or its session closed. */
  signal: AbortSignal;
  /** Told of what is made beside a target, before it is made. */
  noteTemporary?: ((path: string) => void) | undefined;
  /** What `signalCall` does to this call; set by actions that run something in the foreground. */
  onSignal: ((signal: NodeJS.Signals) => Promise<void>) | undefined;
}
