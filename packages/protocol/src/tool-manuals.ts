/** The manual of every tool that has one (T28). */
import { codeExecManual } from './code-exec-manual.ts';
import { filesystemManual } from './filesystem-manual.ts';
import { sshExecManual } from './ssh-exec-manual.ts';
import { terminalManual } from './terminal-manual.ts';
import type { ToolWithManual } from './tool-definitions.ts';

export const toolManuals: Readonly<Record<ToolWithManual, () => string>> = {
  terminal: terminalManual,
  filesystem: filesystemManual,
  code_exec: codeExecManual,
  ssh_exec: sshExecManual,
};
