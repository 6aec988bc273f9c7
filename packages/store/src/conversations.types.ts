/** The port of conversations: what models read, runs, files; `conversations.suite.ts` proves every adapter (A3). */
import type { AgentSettings, Content, Run, ToolResult } from '@navisai/protocol';

/** `''` is the conversation with the person; a sub-agent has a thread of its own, named after its first run. */
export type ThreadName = string;

export interface NewMessage {
  id: string;
  sessionId: string;
  thread: ThreadName;
  /** `context` stands for everything before it; `note` tells what happened and asks for no answer. */
  kind: 'message' | 'note' | 'context';
  /** As the agent's room reads it. */
  body: unknown;
  /** What a search finds; null for what nobody said. */
  text: string | null;
  /** Event that shows it. */
  seq: number | null;
  runId: string | null;
  /** Said while a run goes on: it gets its place when the run takes it. */
  isWaiting: boolean;
  at: string;
}

export interface KeptMessage extends NewMessage {
  position: number;
  isAside: boolean;
}

/** A run with what it takes to go on with it. */
export interface RunRecord extends Run {
  /** `command`: it acted for the person, without a model. */
  kind: 'agent' | 'command';
  /** Facts of its owner, such as under which permissions it was begun. */
  order: unknown;
  /** `seq` of its first event. */
  startSeq: number;
}

export interface KeptPrompt {
  runId: string;
  prompt: unknown;
}

/** How an agent of others finds the conversation of a session again: an id of its own, on the node where it has it (I19). */
export interface RememberedAgent {
  agent: string;
  nodeId: string;
  id: string;
}

/** A call that the hub itself carries out, from before it acts until its result is kept elsewhere. */
export interface HubCall {
  sessionId: string;
  callId: string;
}

export interface KeptHubCall {
  /** Null: it did not end, as far as is known. */
  result: ToolResult | null;
}

export interface SearchRequest {
  userId: string;
  text: string;
  limit: number;
}

export interface SearchHit {
  sessionId: string;
  title: string;
  seq: number;
  text: string;
}

export interface ConversationReader {
  message(id: string): Promise<KeptMessage | undefined>;
  /** What the model reads: from the last `context` on, without what was set aside or waits. */
  context(sessionId: string, thread: ThreadName): Promise<KeptMessage[]>;
  /** Everything of the conversation that was not set aside, oldest first. */
  outline(sessionId: string): Promise<KeptMessage[]>;
  waiting(sessionId: string): Promise<KeptMessage[]>;
  run(id: string): Promise<RunRecord | undefined>;
  /** Newest first, without those that only carried out commands. */
  runs(request: { sessionId: string; limit: number }): Promise<RunRecord[]>;
  /** Of the conversation itself. */
  lastRun(sessionId: string): Promise<RunRecord | undefined>;
  /** The newest run that this call started. */
  runOfCall(sessionId: string, callId: string): Promise<RunRecord | undefined>;
  /** Oldest first. */
  unfinishedRuns(): Promise<RunRecord[]>;
  prompt(sessionId: string): Promise<KeptPrompt | undefined>;
  hubCall(call: HubCall): Promise<KeptHubCall | undefined>;
  remembered(sessionId: string): Promise<RememberedAgent | undefined>;
  content(sessionId: string, id: string): Promise<Content | undefined>;
  contents(sessionId: string): Promise<Content[]>;
  /** Newest first, among the newest messages of everyone. */
  search(request: SearchRequest): Promise<SearchHit[]>;
}

export interface ConversationWriter extends ConversationReader {
  /** Answers false when there is no such session with an agent. */
  configure(sessionId: string, settings: AgentSettings): Promise<boolean>;
  /** The message with its place; `undefined` when there is one of this id already. */
  addMessage(message: NewMessage): Promise<KeptMessage | undefined>;
  /** Gives everything that waits its place, in the order it was said. */
  takeWaiting(sessionId: string, runId: string | null): Promise<KeptMessage[]>;
  /** Sets the message and everything after it aside, what waits included; false when it is not there. */
  setAside(sessionId: string, fromMessageId: string): Promise<boolean>;
  startRun(run: RunRecord): Promise<void>;
  changeRun(
    id: string,
    change: Partial<Pick<RunRecord, 'state' | 'model' | 'usage' | 'error' | 'endedAt' | 'startSeq'>>,
  ): Promise<void>;
  keepPrompt(sessionId: string, prompt: KeptPrompt): Promise<void>;
  /** Answers false when it was begun before. */
  beginHubCall(call: HubCall & { at: string }): Promise<boolean>;
  /** Does nothing when the call was forgotten meanwhile. */
  endHubCall(call: HubCall, result: ToolResult): Promise<void>;
  forgetHubCall(call: HubCall): Promise<void>;
  remember(sessionId: string, agent: RememberedAgent): Promise<void>;
  /** Answers false when the session has it already. */
  addContent(content: Content): Promise<boolean>;
  /** Leaves of each part of a stream its last row, with the whole text; answers how many rows went. */
  compactDeltas(request: { stream: string; streamId: string; from: number }): Promise<number>;
}
