/** What a hub asks of a pty-host, and what the host tells: version 1 of the supervisor protocol's `pty-host` service. */
import type { ExitState, PtyOpenRequest, ScreenSnapshot } from '../pty-hosts.types.ts';
import type { StoredTerminal } from './stored-terminal.ts';

export const ptyHostService = 'pty-host';
export const ptyHostVersions = { min: 1, max: 1 } as const;

export interface TerminalAddress {
  terminalId: string;
}

/** The screen of a terminal that this host does not own is rebuilt from what is on disk. */
export interface ScreenAddress extends TerminalAddress {
  stored?: { columns: number; rows: number };
}

/** A snapshot's `data` and a read's bytes travel as the payload beside the result. */
export type PtyHostMethods = {
  list: { params: null; result: StoredTerminal[] };
  open: { params: PtyOpenRequest; result: StoredTerminal };
  /** Of what a person types the echo is waited for: the answer may come some milliseconds later. */
  write: { params: TerminalAddress & { deadlineMs: number; isTyped?: boolean }; result: { acceptedBytes: number } };
  resize: { params: TerminalAddress & { columns: number; rows: number }; result: null };
  read: {
    params: TerminalAddress & { from: number; maxBytes: number };
    result: { offset: number; firstOffset: number; endOffset: number };
  };
  snapshot: { params: ScreenAddress & { scrollback: number }; result: Omit<ScreenSnapshot, 'data'> };
  lines: { params: ScreenAddress & { count: number }; result: string[] };
  setQueryResponder: { params: TerminalAddress & { responder: 'screen' | 'viewer' }; result: null };
  subscribe: {
    params: TerminalAddress & { channel: number; from: number; windowBytes: number; paces: boolean };
    result: null;
  };
  /** An exited terminal: its files may be removed now. */
  forget: { params: TerminalAddress; result: null };
  /** Ends the host; terminals that still run are hung up. */
  stop: { params: null; result: null };
};

/** Told by the hub; answered by nothing. */
export type HubNotices = {
  acknowledge: { channel: number; offset: number };
  unsubscribe: { channel: number };
};

export interface TerminalProgress {
  terminalId: string;
  endOffset: number;
  firstOffset: number;
  lastActivityAt: string;
}

export type PtyHostEvents = {
  exited: { terminal: StoredTerminal };
  title: TerminalAddress & { title: string };
  resized: TerminalAddress & { columns: number; rows: number; offset: number };
  logDegraded: TerminalAddress & { reason: string };
  /** At most a few times a second, for terminals with new output or input. */
  progress: TerminalProgress[];
  skipped: { channel: number; from: number; to: number };
  ended: { channel: number; exit: ExitState };
};
