/** Puts the parts of a machine together: hosts, policy, environment, shells, names. */
import { join } from 'node:path';
import { currentAccount, LoginCapture } from './login-environment.ts';
import type { MachineOptions } from './machine-options.types.ts';
import type { MachineEvent, RunHosts } from './machine.types.ts';
import { createMachinePolicy } from './policy/machine-policy.ts';
import type { MachinePolicyPart } from './policy/machine-policy.ts';
import { createProcessTable } from './process-table.ts';
import type { PtyHosts, TerminalRecord } from './pty-hosts.types.ts';
import { createOpenShells } from './shell-integration/open-shells.ts';
import { createScriptFolder } from './shell-integration/script-folder.ts';
import type { ScriptFolder } from './shell-integration/script-folder.ts';
import { createFileActions } from './tools/filesystem/within-time.ts';
import { createOutputKeeper } from './tools/keep-output.ts';
import { createTerminalClosings } from './tools/terminal/terminal-closings.ts';
import type { TerminalContext } from './tools/terminal/terminal-context.types.ts';
import { terminalInfo } from './tools/terminal/terminal-info.ts';
import { createTerminalNames } from './tools/terminal/terminal-names.ts';

export interface ContextRequest {
  options: MachineOptions;
  hosts: PtyHosts;
  runHosts: Pick<RunHosts, 'run' | 'cancel' | 'sessionOf' | 'readOutput'>;
  viewers(terminalId: string): number;
  emit(event: MachineEvent): void;
}

export interface MachineContext extends TerminalContext, AsyncDisposable {
  policy: MachinePolicyPart;
  scripts: ScriptFolder;
  login: LoginCapture;
}

export const createContext = (request: ContextRequest): MachineContext => {
  const { options, hosts, runHosts, viewers, emit } = request;
  const { nodeId, stateDirectory } = options;
  const table = createProcessTable();
  const scripts = createScriptFolder(join(stateDirectory, 'sh'));
  const policy = createMachinePolicy({ options, scriptFolder: () => scripts.path() });
  const shells = createOpenShells({ hosts, table, scripts });
  const login = new LoginCapture(currentAccount(options), policy.guard);
  const info = (record: TerminalRecord) => terminalInfo(record, { nodeId, viewers: viewers(record.terminalId) });
  const onClosed = (terminalId: string): void => shells.forget(terminalId);
  return {
    nodeId,
    hosts,
    runHosts,
    table,
    shells,
    info,
    emit,
    names: createTerminalNames(hosts),
    closings: createTerminalClosings({ hosts, info, emit, onClosed }),
    outputs: createOutputKeeper(stateDirectory),
    fileActions: createFileActions(),
    environment: () => login.environment(),
    guard: policy.guard,
    scriptFolder: () => scripts.path(),
    policy,
    scripts,
    login,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([scripts, login].map((part) => part[Symbol.asyncDispose]()));
    },
  };
};
