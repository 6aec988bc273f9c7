/** Names that only the running hub knows, for the shell's completion. */
import type { Api } from '@navisai/client';
import { openHub } from '../hub/connect.ts';
import { allTerminals } from '../hub/find-terminal.ts';
import { labelWords } from '../nodes/labels.ts';

export interface Candidate {
  word: string;
  meaning: string;
}

export type HubCompletion =
  'terminals' | 'sessions' | 'devices' | 'approvals' | 'recalls' | 'projects' | 'tools' | 'nodes' | 'labels' | 'places';

/** The shell waits: a hub that is slower than this gives no candidates. */
const deadlineMs = 1_500;

/** Rejects when there is no hub, or not in time. */
export const candidatesFromHub = async (kind: HubCompletion, session: string | undefined): Promise<Candidate[]> => {
  const hub = await openHub();
  try {
    const late = AbortSignal.timeout(deadlineMs);
    const stopped = new Promise<never>((_, reject) => late.addEventListener('abort', () => reject(late.reason)));
    return await Promise.race([sources[kind](hub.api, session), stopped]);
  } finally {
    hub.close();
  }
};

const sources: Record<HubCompletion, (api: Api, session: string | undefined) => Promise<Candidate[]>> = {
  terminals: async (api, session) => {
    const terminals =
      session === undefined ? await allTerminals(api) : (await api.session({ params: { id: session } })).terminals;
    return terminals.map(({ name, description }) => ({ word: name, meaning: description }));
  },
  sessions: async (api) => (await api.sessions()).sessions.map(({ id, title }) => ({ word: id, meaning: title })),
  devices: async (api) =>
    (await api.devices()).devices
      .filter(({ revokedAt }) => revokedAt === null)
      .map(({ id, name }) => ({ word: id, meaning: name })),
  approvals: async (api) =>
    (await api.pendingApprovals()).approvals.map(({ id, title }) => ({ word: id, meaning: title })),
  recalls: async (api) => (await api.recalls()).recalls.map(({ id, title }) => ({ word: id, meaning: title })),
  projects: async (api) =>
    (await api.projects({ query: {} })).projects.map(({ name, path }) => ({ word: name, meaning: path })),
  nodes: async (api) =>
    (await api.nodes()).nodes.map(({ name, state, labels }) => ({
      word: name,
      meaning: [state, ...labelWords(labels)].join(' '),
    })),
  places: async (api) => (await api.nodes()).nodes.map(({ name, state }) => ({ word: `${name}:`, meaning: state })),
  labels: async (api) => {
    const { nodes } = await api.nodes();
    const words = new Set(nodes.flatMap(({ labels }) => labelWords(labels)));
    return [...words].map((word) => {
      const count = nodes.filter(({ labels }) => labelWords(labels).includes(word)).length;
      return { word, meaning: count === 1 ? '1 node' : `${count} nodes` };
    });
  },
  tools: async (api) =>
    (await api.tools()).tools.map(({ name, description }) => ({ word: name, meaning: description })),
};
