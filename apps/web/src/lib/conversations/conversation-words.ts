/** Conversations in words: how they stand, what their agent is set to. */
import type { AgentSettings, Session, SessionWithTerminals } from '@navisai/protocol';

export interface ConversationWords {
  tone: 'running' | 'warn' | 'calm';
  /** Empty at rest. */
  label: string;
}

export const describeConversation = ({ activity }: Pick<Session, 'activity'>): ConversationWords => {
  if (activity === 'waiting') return { tone: 'warn', label: 'Waits for you' };
  if (activity === 'running') return { tone: 'running', label: 'Works' };
  return { tone: 'calm', label: '' };
};

export const isConversation = ({ kind }: Pick<Session, 'kind'>): boolean => kind === 'agent' || kind === 'acp';

/** Those that wait first, then those at work, then the newest. */
export const sortConversations = (sessions: readonly SessionWithTerminals[]): SessionWithTerminals[] =>
  sessions
    .filter(isConversation)
    .toSorted(
      (a, b) => urgency(b) - urgency(a) || (a.updatedAt < b.updatedAt ? 1 : a.updatedAt > b.updatedAt ? -1 : 0),
    );

const urgency = ({ activity }: Pick<Session, 'activity'>): number =>
  activity === 'waiting' ? 2 : activity === 'running' ? 1 : 0;

/** Names by which people know them; others are told as they are written. */
const acpNames: Readonly<Record<string, string>> = {
  claude: 'Claude Code',
  codex: 'Codex',
  gemini: 'Gemini CLI',
  opencode: 'opencode',
};
export const acpWords = (name: string): string => (Object.hasOwn(acpNames, name) ? (acpNames[name] ?? name) : name);

/** `developer · ollama/qwen3`, `Claude Code · /srv/site`. */
export const agentWords = (agent: AgentSettings | undefined): string => {
  if (agent === undefined) return '';
  const { acpAgent, profile, model, directory } = agent;
  const who = acpAgent === null ? [profile, model] : [acpWords(acpAgent)];
  return [...who, directory].filter((part) => part !== null).join(' · ');
};
