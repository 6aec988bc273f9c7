/** Which interpreter runs which language, and how. */
import { NavisError } from '@navisai/protocol';
import type { CodeLanguage } from '@navisai/protocol';
import { findProgram } from '../find-program.ts';

export interface Interpreter {
  file: string;
  /** Ending of the file that it is given. */
  ending: string;
  /** Where modules are looked for besides the folder of the file, as a variable and its value. */
  modules: (workingDirectory: string, before: string | undefined) => Record<string, string>;
}

const noModules = (): Record<string, string> => ({});

/** Throws SPAWN_FAILED when it is not installed. */
export const interpreterOf = (language: CodeLanguage, variables: Readonly<Record<string, string>>): Interpreter => {
  const needed = (names: readonly string[], hint: string): string => {
    const found = findProgram(variables, names);
    if (found !== null) return found;
    throw new NavisError('SPAWN_FAILED', `${hint} is not installed on this node. Nothing was started.`, {
      field: 'language',
    });
  };
  switch (language) {
    case 'python':
      return {
        file: needed(['python3'], 'Python (python3)'),
        ending: '.py',
        modules: (directory, before) => ({ PYTHONPATH: joined(directory, before) }),
      };
    case 'javascript':
      return {
        // The one that runs this program serves as well.
        file: findProgram(variables, ['node']) ?? process.execPath,
        ending: '.js',
        modules: (directory, before) => ({ NODE_PATH: joined(`${directory}/node_modules`, before) }),
      };
    case 'shell':
      return { file: needed(['bash', 'sh'], 'A shell'), ending: '.sh', modules: noModules };
  }
};

const joined = (directory: string, before: string | undefined): string =>
  before === undefined || before === '' ? directory : `${directory}:${before}`;
