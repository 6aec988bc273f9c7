/** What a home screen shows: folded from lists and events, the same in PWA, CLI and tests. */
import type { LinkState } from '@navisai/link';
import type { Approval, Device, HubStatus, NavisError, NodeInfo, SessionWithTerminals } from '@navisai/protocol';

export interface HomeState {
  link: LinkState;
  /** False until the first lists have come; what is shown before may lack something. */
  isLoaded: boolean;
  /** Why the last refresh failed; `null` when it did not. */
  error: NavisError | null;
  status: HubStatus | null;
  /** Newest first, each with its terminals in order of opening. */
  sessions: readonly SessionWithTerminals[];
  /** Newest first. */
  approvals: readonly Approval[];
  devices: readonly Device[];
  /** `main` first, then by name. */
  nodes: readonly NodeInfo[];
  /** Notices for the person, newest last, at most 50: why a terminal was closed, idle warnings. */
  notices: readonly HomeNotice[];
  /** Counts what happened to recalls, and every refresh: whoever shows them asks again. */
  recallChanges: number;
}

export interface HomeNotice {
  sessionId: string;
  terminalId: string;
  terminalName: string;
  change: 'terminal.closed' | 'terminal.idle_warning';
  reason: string;
  timestamp: string;
}

export interface Home {
  readonly state: HomeState;
  /** Called at once with the present state, then at every change. Returns how to stop. */
  onState(listener: (state: HomeState) => void): () => void;
  /** Fetches the lists again. */
  refresh(): Promise<void>;
  close(): void;
}
