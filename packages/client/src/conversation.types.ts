/** What a conversation shows: folded from the events of a session, the same in PWA, CLI and tests. */
import type {
  Approval,
  ApprovalOf,
  Content,
  ConversationMessage,
  EventData,
  NavisError,
  Usage,
} from '@navisai/protocol';
import type { ConversationTable } from './conversation-table.ts';

/** A text whose pieces may come in any order and more than once. */
export interface PiecedText {
  /** Everything up to the first hole. */
  readonly text: string;
  /** What came beyond it, by offset. */
  readonly ahead: readonly { readonly offset: number; readonly text: string }[];
}

interface ItemFacts {
  readonly key: string;
  /** When it began. */
  readonly at: string;
}

export interface MessageItem extends ItemFacts {
  readonly kind: 'message';
  readonly message: ConversationMessage;
  /** It waits for the next turn of the run under way. */
  readonly isQueued: boolean;
}

export interface TextItem extends ItemFacts {
  readonly kind: 'text' | 'thinking';
  readonly streamId: string;
  readonly part: number;
  readonly body: PiecedText;
}

/** One call of a tool: what was asked, what became of it. */
export interface CallItem extends ItemFacts {
  readonly kind: 'call';
  readonly callId: string;
  /** Of the agent that called; null for calls of people and of agents without a stream. */
  readonly streamId: string | null;
  /** Empty until it is known. */
  readonly tool: string;
  /** JSON of the arguments as far as they came. */
  readonly arguments: PiecedText;
  readonly started: EventData<'tool_started'> | null;
  readonly startedAt: string | null;
  readonly ended: EventData<'tool_call'> | null;
  /** What the agent was answered. */
  readonly result: PiecedText | null;
  readonly success: boolean | null;
  readonly approval: ApprovalOf<'call'> | null;
  /** Streams of the sub-agents that it started. */
  readonly children: readonly string[];
}

export interface PlanItem extends ItemFacts {
  readonly kind: 'plan';
  readonly streamId: string;
  readonly seq: number;
  readonly entries: EventData<'plan'>['entries'];
}

export interface NoticeItem extends ItemFacts {
  readonly kind: 'notice';
  readonly streamId: string;
  readonly notice: EventData<'stream_notice'>['kind'];
  readonly text: string;
  readonly content: Content | null;
}

/** How a run ended; also made by an error before the end is told. */
export interface EndItem extends ItemFacts {
  readonly kind: 'end';
  readonly streamId: string;
  /** Null: it has only told an error yet. */
  readonly reason: EventData<'stream_end'>['reason'] | null;
  readonly usage: Usage | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly canContinue: boolean;
  /** Another run went on from here. */
  isContinued: boolean;
}

/** What was said and done before a message was edited or tried again. */
export interface AsideItem extends ItemFacts {
  readonly kind: 'aside';
  readonly keys: readonly string[];
}

export type ConversationItem = MessageItem | TextItem | CallItem | PlanItem | NoticeItem | EndItem | AsideItem;

export interface RunState {
  readonly streamId: string;
  /** Set for a sub-agent. */
  readonly parent: EventData<'stream_start'>['parent'];
  /** Null when its beginning was not told, such as for the output of `!command`. */
  readonly start: EventData<'stream_start'> | null;
  readonly startedAt: string;
  readonly isRunning: boolean;
  /** Keys of its items, in the order to show; messages taken while it ran are among them. */
  readonly items: readonly { readonly order: number; readonly key: string }[];
  /** The newest part that began: the one that may still grow. */
  readonly lastPart: number;
  /** Keys of messages that wait for its next turn. */
  readonly queued: readonly string[];
}

/** A place in the conversation: one item, or everything of a run. */
export type TimelineEntry =
  { readonly kind: 'item'; readonly key: string } | { readonly kind: 'run'; readonly streamId: string };

export interface ConversationState {
  readonly items: ConversationTable<ConversationItem>;
  readonly runs: ConversationTable<RunState>;
  readonly timeline: readonly TimelineEntry[];
  /** Runs of the session's own agent that have not ended, oldest first. */
  readonly activeRuns: readonly string[];
  /** Calls that a machine told before the agent did; placed when their part comes. */
  readonly unplaced: readonly string[];
  /** Changes with every change of what is shown where; not with growing texts. */
  readonly structure: number;
  /** Of the last event that was folded. */
  readonly seq: number;
  /** The newest plan of the session's own agent. */
  readonly planKey: string | null;
}

export type ConversationPhase =
  { readonly kind: 'loading' } | { readonly kind: 'live' } | { readonly kind: 'ended'; readonly error: NavisError };

export interface Conversation {
  readonly state: ConversationState;
  readonly phase: ConversationPhase;
  /** Called at every change. Returns how to stop. */
  onChange(listener: () => void): () => void;
  /** Approvals are told on the stream `hub`: what concerns this session is shown at its calls. */
  tellApprovals(approvals: readonly Approval[]): void;
  close(): void;
}
