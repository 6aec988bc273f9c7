/** The port of the hub's store: what every adapter offers; `store.suite.ts` proves that it does. */
import type {
  Approval,
  Ceiling,
  Device,
  GrantScope,
  Labels,
  NodePlatform,
  Scope,
  Session,
  SignedText,
  TerminalInfo,
} from '@navisai/protocol';
import type { McpTokenReader, McpTokenWriter } from './access.types.ts';
import type { ConversationReader, ConversationWriter } from './conversations.types.ts';
import type { ModelReader, ModelWriter } from './models.types.ts';
import type { EventPage, NewEvent, StreamEvent } from './events.types.ts';
import type { ProjectReader, ProjectWriter } from './projects.types.ts';
import type { PushReader, PushWriter } from './push.types.ts';
import type { RecallReader, RecallWriter } from './recalls.types.ts';
import type { EnrolmentReader, EnrolmentWriter, RuleReader, RuleWriter } from './rules.types.ts';

export type SessionKind = Session['kind'];

/** A session before it has events. */
export type NewSession = Omit<Session, 'seq' | 'updatedAt' | 'activity'> & { isDefault?: boolean };

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
  /** Only calls of this user; default: everything. */
  userId?: string | undefined;
}

export interface ApprovalReader {
  get(id: string): Promise<Approval | undefined>;
  /** Newest first. */
  list(request: ApprovalListRequest): Promise<Approval[]>;
  /** A call has at most one. */
  ofCall(call: { sessionId: string; callId: string }): Promise<Approval | undefined>;
  /** What the deciding device signed. */
  signed(id: string): Promise<SignedText | null>;
}

export interface ApprovalDecision {
  id: string;
  state: 'approved' | 'rejected';
  decidedBy: string;
  at: string;
  grant?: GrantScope | undefined;
  comment?: string | undefined;
  signed?: SignedText | undefined;
}

export interface ApprovalWriter extends ApprovalReader {
  create(approval: Approval): Promise<void>;
  /** Exactly one decision wins: the approval as decided, or `undefined` when it no longer was pending. */
  decide(decision: ApprovalDecision): Promise<Approval | undefined>;
  /** Marks what nobody decided in time. */
  expire(now: string): Promise<Approval[]>;
  /** Nobody needs it any more: the approval as expired, or `undefined` when it no longer was pending. */
  withdraw(request: { id: string; at: string; comment: string }): Promise<Approval | undefined>;
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

/** A node as the hub keeps it (N3); its one-time key as a hash only. */
export interface NodeRecord {
  id: string;
  name: string;
  labels: Labels;
  /** The hub that it belongs to (N10). */
  instanceId: string;
  /** Raw Ed25519, base64url; null while it was never enrolled. */
  publicKey: string | null;
  /** Of the one-time key that was not used yet. */
  key: { secretHash: string; expiresAt: string } | null;
  /** Counts the processes that were this node; the newest wins. */
  epoch: number;
  draining: boolean;
  overlay: Ceiling | null;
  platform: NodePlatform | null;
  version: string | null;
  createdAt: string;
  enrolledAt: string | null;
  lastSeenAt: string | null;
  revokedAt: string | null;
}

export interface NodeReader {
  get(id: string): Promise<NodeRecord | undefined>;
  /** Oldest first. */
  list(): Promise<NodeRecord[]>;
}

export interface NodeEnrolment {
  id: string;
  publicKey: string;
  secretHash: string;
  at: string;
}

/** What may be changed of a node by a person. */
export type NodeChange = Partial<Pick<NodeRecord, 'name' | 'labels' | 'draining' | 'overlay' | 'key'>>;

export interface NodeWriter extends NodeReader {
  /** Answers false when the id or the name is taken. */
  create(node: NodeRecord): Promise<boolean>;
  /** The node as it is now; `undefined` when there is none, `taken` when another has the name. */
  change(id: string, change: NodeChange): Promise<NodeRecord | 'taken' | undefined>;
  /** Uses the one-time key for one public key; `undefined` when it is wrong, used, too old, or the node was revoked. */
  enrol(enrolment: NodeEnrolment): Promise<NodeRecord | undefined>;
  /** The next epoch; `undefined` when there is no such node or it was revoked. */
  nextEpoch(id: string): Promise<number | undefined>;
  describe(id: string, facts: Pick<NodeRecord, 'platform' | 'version'>): Promise<void>;
  seen(id: string, at: string): Promise<void>;
  /** Takes its keys away; `undefined` when there is none, or it has none. */
  leave(id: string): Promise<NodeRecord | undefined>;
  /** The node as revoked now; `undefined` when there is none or it was revoked before. */
  revoke(id: string, at: string): Promise<NodeRecord | undefined>;
  /** Forgets it with everything that is kept of it. */
  remove(id: string): Promise<boolean>;
}

/** That a session was given work on a node (N10): only then the node may tell of it. */
export interface SessionNode {
  sessionId: string;
  nodeId: string;
}

export interface SessionNodeReader {
  /** Of sessions whose end the node was not told yet, with whether the session was closed. */
  atWork(): Promise<(SessionNode & { isClosed: boolean })[]>;
  /** Sessions that the node was ever given work of, newest first. */
  ofNode(nodeId: string, limit: number): Promise<string[]>;
}

export interface SessionNodeWriter extends SessionNodeReader {
  give(given: SessionNode & { at: string }): Promise<void>;
  /** The node knows that the session was closed. */
  end(ended: SessionNode & { at: string }): Promise<void>;
}

export interface StoreReader {
  readonly sessions: SessionReader;
  readonly devices: DeviceReader;
  readonly approvals: ApprovalReader;
  readonly pairings: PairingReader;
  readonly rules: RuleReader;
  readonly enrolments: EnrolmentReader;
  readonly terminals: TerminalReader;
  readonly nodes: NodeReader;
  readonly sessionNodes: SessionNodeReader;
  readonly recalls: RecallReader;
  readonly push: PushReader;
  readonly projects: ProjectReader;
  readonly conversations: ConversationReader;
  readonly mcpTokens: McpTokenReader;
  readonly models: ModelReader;
  readEvents(request: { stream: string; after: number; limit: number }): Promise<EventPage>;
}

/** What one transaction may do; its events get their `seq` in it. */
export interface StoreWriter extends StoreReader {
  readonly sessions: SessionWriter;
  readonly devices: DeviceWriter;
  readonly approvals: ApprovalWriter;
  readonly pairings: PairingWriter;
  readonly rules: RuleWriter;
  readonly enrolments: EnrolmentWriter;
  readonly terminals: TerminalWriter;
  readonly nodes: NodeWriter;
  readonly sessionNodes: SessionNodeWriter;
  readonly recalls: RecallWriter;
  readonly push: PushWriter;
  readonly projects: ProjectWriter;
  readonly conversations: ConversationWriter;
  readonly mcpTokens: McpTokenWriter;
  readonly models: ModelWriter;
  /** Answers the events with their `seq`; they are told when the transaction is on disk. */
  appendEvents(events: readonly NewEvent[]): Promise<StreamEvent[]>;
}

/** Why the store refuses; `unwritable` still reads. */
export interface StoreProblem {
  kind: 'unwritable' | 'unreadable';
  what: string;
  remedy: string;
}

/** A change that later reads and changes find, and that is not on disk yet. */
export interface Applied<T> {
  result: T;
  events: StreamEvent[];
  /** Nothing of the change may be told or acted on before. Rejects NavisError DEGRADED; whoever looks away misses nothing else. */
  durable: Promise<void>;
}

export interface Store extends AsyncDisposable {
  /** Made with the store; another one means that clients must start over (I8). */
  readonly generation: string;
  /** When it was noticed that it was put back to an older backup; null: never. */
  readonly restoredAt: string | null;
  readonly read: StoreReader;
  /** Everything of `work` or nothing. What `read` answers is on disk; within `work` the changes before it are seen at once. */
  apply<T>(work: (writer: StoreWriter) => Promise<T>): Promise<Applied<T>>;
  /** The same; resolves when it is on disk. Rejects NavisError DEGRADED when the store cannot. */
  transaction<T>(work: (writer: StoreWriter) => Promise<T>): Promise<{ result: T; events: StreamEvent[] }>;
  /** Many appends at once share one transaction. */
  appendEvents(events: readonly NewEvent[]): Promise<StreamEvent[]>;
  problem(): StoreProblem | undefined;
  /** Tries again to write, so that a store that works again is found without a request. */
  check(): Promise<StoreProblem | undefined>;
}
