/** The port of the hub's store: what every adapter offers; `store.suite.ts` proves that it does. */
import type { Approval, Device, Scope, Session, TerminalInfo } from '@navisai/protocol';
import type { EventPage, NewEvent, StreamEvent } from './events.types.ts';

export type SessionKind = Session['kind'];

/** A session before it has events. */
export type NewSession = Omit<Session, 'seq' | 'updatedAt'> & { isDefault?: boolean };

export interface SessionPageRequest {
  userId: string;
  kind?: SessionKind | undefined;
  after?: string | undefined;
  limit: number;
}

export interface SessionReader {
  /** Sessions that were not closed only. */
  get(id: string): Promise<Session | undefined>;
  /** Newest first; `after` is the last id of the page before. */
  list(request: SessionPageRequest): Promise<Session[]>;
  defaultOf(userId: string): Promise<Session | undefined>;
}

export interface SessionWriter extends SessionReader {
  /** Does nothing and answers false when this is to be the user's default session and there is one already. */
  create(session: NewSession): Promise<boolean>;
  rename(id: string, title: string): Promise<boolean>;
  /** Answers false when it was closed already. */
  close(id: string, at: string): Promise<boolean>;
}

/** A device with its public key (base64url, raw Ed25519); the hub keeps nothing secret of it. */
export interface DeviceRecord {
  device: Device;
  publicKey: string;
}

export interface DeviceReader {
  get(id: string): Promise<DeviceRecord | undefined>;
  /** Revoked ones included, oldest first. */
  list(): Promise<Device[]>;
  activeWithKey(publicKey: string): Promise<Device | undefined>;
}

export interface DeviceWriter extends DeviceReader {
  create(record: DeviceRecord): Promise<void>;
  /** The device as revoked now; `undefined` when there is none or it was revoked before. */
  revoke(id: string, at: string): Promise<Device | undefined>;
  seen(id: string, at: string): Promise<void>;
}

export interface ApprovalListRequest {
  state?: Approval['state'] | undefined;
  limit: number;
}

export interface ApprovalReader {
  get(id: string): Promise<Approval | undefined>;
  /** Newest first. */
  list(request: ApprovalListRequest): Promise<Approval[]>;
}

export interface ApprovalDecision {
  id: string;
  state: 'approved' | 'rejected';
  decidedBy: string;
  at: string;
}

export interface ApprovalWriter extends ApprovalReader {
  create(approval: Approval): Promise<void>;
  /** Exactly one decision wins: the approval as decided, or `undefined` when it no longer was pending. */
  decide(decision: ApprovalDecision): Promise<Approval | undefined>;
  /** Marks what nobody decided in time. */
  expire(now: string): Promise<Approval[]>;
}

/** One pairing link and the request that it was used for; the token is kept as a hash only. */
export interface PairingRecord {
  tokenHash: string;
  scope: Scope;
  createdAt: string;
  expiresAt: string;
  closedAt: string | null;
  request: { pairingId: string; approvalId: string; publicKey: string; deviceId: string | null } | null;
}

export interface PairingReader {
  /** The link that may still be used at `now`. */
  open(now: string): Promise<PairingRecord | undefined>;
  byTokenHash(tokenHash: string): Promise<PairingRecord | undefined>;
  byPairingId(pairingId: string): Promise<PairingRecord | undefined>;
}

export type NewPairing = Pick<PairingRecord, 'tokenHash' | 'scope' | 'createdAt' | 'expiresAt'>;

export interface PairingClaim {
  tokenHash: string;
  now: string;
  pairingId: string;
  approvalId: string;
  publicKey: string;
}

export interface PairingWriter extends PairingReader {
  create(link: NewPairing): Promise<void>;
  /** Voids every link that was not used yet; answers whether there was one. */
  closeUnused(at: string): Promise<boolean>;
  /** Uses the link once; answers false when it was used, closed or is too old. */
  claim(claim: PairingClaim): Promise<boolean>;
  complete(pairingId: string, deviceId: string): Promise<void>;
}

/** A terminal as its session's log last told of it; kept until the log tells that it was closed. */
export interface RecordedTerminal {
  terminal: TerminalInfo;
  hasExited: boolean;
}

export interface TerminalReader {
  list(): Promise<RecordedTerminal[]>;
}

export interface TerminalWriter extends TerminalReader {
  record(recorded: RecordedTerminal): Promise<void>;
  forget(id: string): Promise<void>;
}

export interface StoreReader {
  readonly sessions: SessionReader;
  readonly devices: DeviceReader;
  readonly approvals: ApprovalReader;
  readonly pairings: PairingReader;
  readonly terminals: TerminalReader;
  readEvents(request: { stream: string; after: number; limit: number }): Promise<EventPage>;
}

/** What one transaction may do; its events get their `seq` in it. */
export interface StoreWriter extends StoreReader {
  readonly sessions: SessionWriter;
  readonly devices: DeviceWriter;
  readonly approvals: ApprovalWriter;
  readonly pairings: PairingWriter;
  readonly terminals: TerminalWriter;
  appendEvents(events: readonly NewEvent[]): Promise<void>;
}

/** Why the store refuses; `unwritable` still reads. */
export interface StoreProblem {
  kind: 'unwritable' | 'unreadable';
  what: string;
  remedy: string;
}

export interface Store extends AsyncDisposable {
  /** Made with the store; another one means that clients must start over (I8). */
  readonly generation: string;
  readonly read: StoreReader;
  /** Everything of `work` or nothing; resolves when it is on disk. Rejects NavisError DEGRADED when the store cannot. */
  transaction<T>(work: (writer: StoreWriter) => Promise<T>): Promise<{ result: T; events: StreamEvent[] }>;
  /** Many appends at once share one transaction. */
  appendEvents(events: readonly NewEvent[]): Promise<StreamEvent[]>;
  problem(): StoreProblem | undefined;
  /** Tries again to write, so that a store that works again is found without a request. */
  check(): Promise<StoreProblem | undefined>;
}
