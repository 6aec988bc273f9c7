/** Which agents of the Agent Client Protocol there are, and how each is started on a node (I19). */
import { type AcpAgentInfo, NavisError } from '@navisai/protocol';
import { readyLine } from './terminal-channel.ts';

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
 * One line for a shell. Its input and output are pipes, as the agent expects; the terminal around them echoes nothing. What
 * reads the terminal tells its id first and ends with the agent: it would never see that nobody listens to it any more.
 */
export const commandLine = ({ command, args = [], env = {} }: AcpAgentConfig): string => {
  const variables = Object.entries(env).map(([name, value]) => quote(`${name}=${value}`));
  const words = [...(variables.length === 0 ? [] : ['env', ...variables]), ...[command, ...args].map(quote)];
  const reader = `sh -c 'echo $$; exec cat'`;
  return `stty raw -echo && echo ${quote(readyLine)} && ${reader} | { read -r reader; ${words.join(' ')} 2>/dev/null; kill "$reader"; } | cat`;
};

/** For every shell of POSIX. */
export const quote = (word: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
