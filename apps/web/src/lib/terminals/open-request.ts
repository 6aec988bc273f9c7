/** Turns the form for a new terminal into one call of the tool `terminal`, and proposes a free name. */
import { maxDescriptionLength, maxTerminalsPerSession, terminalNamePattern } from '@navisai/protocol';
import type { SessionWithTerminals } from '@navisai/protocol';

export interface OpenForm {
  name: string;
  description: string;
  /** Empty: the login shell. */
  command: string;
  /** Empty: the home directory. */
  directory: string;
  /** Where it runs; empty: the hub's own machine. */
  nodeId: string;
}

export type OpenField = keyof OpenForm;
export type OpenProblems = Partial<Record<OpenField, string>>;

/** The person's own shell, as a login shell, in place of the shell that reads this line. */
export const loginShellCommand = 'exec "${SHELL:-bash}" -l';
const loginShellDescription = 'Interactive shell';

export const isLoginShell = (command: string): boolean => command === loginShellCommand;

/** `shell`, then `shell-2`, `shell-3` …: the first that is free in the session. */
export const proposeName = (taken: readonly string[]): string => {
  for (let number = 1; number <= taken.length + 1; number += 1) {
    const name = number === 1 ? 'shell' : `shell-${number}`;
    if (!taken.includes(name)) return name;
  }
  return `shell-${taken.length + 2}`;
};

export const judgeOpenForm = (form: OpenForm, session: SessionWithTerminals | undefined): OpenProblems => {
  const problems: OpenProblems = {};
  const isTaken = session?.terminals.some(({ name }) => name === form.name) ?? false;
  if (!terminalNamePattern.test(form.name)) problems.name = 'Use 1 to 64 letters, digits, dots, dashes or underscores.';
  else if (isTaken) problems.name = 'A terminal of this name is already open in this session.';
  if (form.description.length > maxDescriptionLength) {
    problems.description = `Keep it below ${maxDescriptionLength} characters.`;
  }
  return problems;
};

export const isSessionFull = (session: SessionWithTerminals | undefined): boolean =>
  (session?.terminals.length ?? 0) >= maxTerminalsPerSession;

/** Arguments of the tool; a person's terminals are never closed for being idle (T25). */
export const toOpenArguments = (form: OpenForm): Record<string, unknown> => {
  const command = form.command.trim();
  const description = form.description.trim();
  const directory = form.directory.trim();
  return {
    action: 'open',
    terminal_name: form.name,
    command: command === '' ? loginShellCommand : command,
    description: description === '' ? (command === '' ? loginShellDescription : command.slice(0, 80)) : description,
    background: true,
    keep_alive: true,
    ...(directory === '' ? {} : { working_dir: directory }),
    ...(form.nodeId === '' ? {} : { node_id: form.nodeId }),
  };
};
