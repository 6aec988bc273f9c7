/** Which agents of the Agent Client Protocol there are, and how each is started on a node (I19). */
import { type AcpAgentInfo, NavisError } from '@navisai/protocol';
import { endedWord, maxLastWordsBytes, readyLine } from './terminal-channel.ts';

export interface AcpAgentConfig {
  command: string;
  args?: string[] | undefined;
  env?: Record<string, string> | undefined;
}

/** Of agents that people have; the configuration adds others and overrides these. */
const known: Readonly<Record<string, AcpAgentConfig>> = {
  claude: { command: 'claude-agent-acp' },
  codex: { command: 'codex-acp' },
  gemini: { command: 'gemini', args: ['--experimental-acp'] },
  opencode: { command: 'opencode', args: ['acp'] },
};

export const findAcpAgent = (configured: Readonly<Record<string, AcpAgentConfig>>, name: string): AcpAgentConfig => {
  const agents = { ...known, ...configured };
  const found = Object.hasOwn(agents, name) ? agents[name] : undefined;
  if (found !== undefined) return found;
  const names = Object.keys(agents).toSorted().join(', ');
  throw new NavisError('NOT_FOUND', `There is no ACP agent ${JSON.stringify(name)}; there are: ${names}.`);
};

/** Those of the configuration first: whoever wrote them there has them. */
export const listAcpAgents = (configured: Readonly<Record<string, AcpAgentConfig>>): AcpAgentInfo[] =>
  Object.entries({ ...configured, ...known, ...configured }).map(([name, { command }]) => ({
    name,
    command,
    isConfigured: Object.hasOwn(configured, name),
  }));

/**
 * For a shell. The input and output of the agent are pipes, as it expects; the terminal around them echoes nothing. What
 * reads the terminal tells its id first and ends with the agent: it would never see that nobody listens to it any more. How the
 * agent ended is said after all that it said, and then the last of what it said beside the protocol.
 */
export const commandLine = ({ command, args = [], env = {} }: AcpAgentConfig): string => {
  const words = [command, ...args].map(quote).join(' ');
  const reader = `sh -c 'echo $$; exec cat'`;
  const variables = Object.keys(env).length === 0 ? '' : readVariables;
  const end = `navis_code=$?; echo; echo ${quote(endedWord)} "$navis_code"; kill "$navis_reader" 2>/dev/null`;
  const agent = `{ read -r navis_reader; ${variables}${words} 3>&-; ${end}; } 2>&1 >&3`;
  return `stty raw -echo && echo ${quote(readyLine)} && { ${reader} | ${agent} | tail -c ${maxLastWordsBytes}; } 3>&1 | cat`;
};

/** Reads what `variableLines` answers, as it is: a shell takes no byte more from a pipe than it needs. */
const readVariables =
  'navis_all=; while IFS= read -r navis_line && [ -n "$navis_line" ]; do navis_all=$navis_all${navis_line# }"\n"; done; ' +
  'eval "$navis_all"; unset navis_all navis_line; ';

/** Said to the command before anything else. The variables are often secrets: a command is kept and seen by many (T29). */
export const variableLines = ({ env = {} }: AcpAgentConfig): string => {
  const variables = Object.entries(env).map(([name, value]) => `export ${name}=${quote(value)}`);
  if (variables.length === 0) return '';
  const lines = variables.join('\n').split('\n');
  return `${lines.map((line) => ` ${line}\n`).join('')}\n`;
};

/** For every shell of POSIX. */
export const quote = (word: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
