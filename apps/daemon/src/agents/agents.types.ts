/** The seams between what serves agents in the hub: each is made in its own folder and put together in `create-hub.ts`. */
import type { AgentModel, AgentTool, RunAgent } from '@navisai/agent';
import type {
  ApprovalsMode,
  BoundCall,
  CallAuthority,
  Profile,
  ProfileInfo,
  Requester,
  Risk,
  Session,
  ToolResult,
} from '@navisai/protocol';
import type { z } from 'zod';

/** Who acts, for whom, and under which permissions: fixed when a run, a recall, an MCP or ACP session begins. */
export interface Actor {
  session: Session;
  userId: string;
  requester: Requester;
  /** The run that it belongs to; null for MCP. */
  runId: string | null;
  profile: Profile;
  /** The session's own setting, else the profile's. */
  approvals: ApprovalsMode;
  /** Where calls go that name no node (N5): `spawn_agent` node, else the session's or profile's node, else null. */
  nodeId: string | null;
  /** Working directory there, for calls that name none. */
  directory: string | null;
  /** 0 for the agent that the person talks to. */
  depth: number;
  /** False: nobody can answer, so what would ask fails at once and says so (A5). */
  mayAsk: boolean;
  /** With `mayAsk: false`: told what would have been asked, so that a recall ends at once; sub-agents have their parent's. */
  onUnanswerable?: ((question: string) => void) | undefined;
  /** How long a question of this actor waits for an answer; absent: as long as any (A5). */
  waitMs?: number | undefined;
  /** Rules that were made after this moment do not count; absent: all do (A5). */
  rulesUntil?: string | undefined;
}

export interface ActorCall {
  callId: string;
  tool: string;
  /** With `node_id`, as the model wrote it. */
  arguments: unknown;
  signal: AbortSignal;
  /** It was asked for before a restart: its node is waited for, and may have the result. */
  isRepeat?: boolean | undefined;
}

/** The one path of every call that no person made: routing (N5), policy and approval (A1), execution, events. Never throws. */
export interface ActorCalls {
  execute(actor: Actor, call: ActorCall): Promise<ToolResult>;
}

/** Asks the policy, and the person where it says so. Never throws; ends CANCELLED with `signal`. */
export interface CallGate {
  authorise(request: GateRequest): Promise<GateAnswer>;
}

export interface GateRequest {
  actor: Actor;
  call: BoundCall;
  /** For what the hub itself carries out; a machine's tools are analysed. */
  risk?: Risk | undefined;
  signal: AbortSignal;
  /** Told when it begins and ends to wait for a person. */
  onWaiting?(isWaiting: boolean): void;
}

export type GateAnswer =
  /** `authority` travels to the machine that executes; absent where nothing had to be asked. */
  { kind: 'allowed'; authority: CallAuthority | null; isUnmasked: boolean } | { kind: 'refused'; result: ToolResult };

/** A tool that the hub itself carries out: `spawn_agent`, recalls, `content_publish`, `plan`, those of MCP servers. */
export interface HubTool {
  name: string;
  description: string;
  /** Judges the arguments; a tool of an MCP server brings its JSON schema instead. */
  schema: z.ZodType | { json: Record<string, unknown> };
  /** Never throws. What is not `reading` is made once: a repeat of its call finds what became of it. */
  risk(given: unknown): Risk;
  /** It is decided about like this call of a machine, instead of by its risk. Throws NavisError for arguments that lead nowhere. */
  decidedAs?(actor: Actor, given: unknown): Pick<BoundCall, 'tool' | 'arguments' | 'nodeId'>;
  /** Arguments fit the schema. Never throws. */
  execute(actor: Actor, call: ActorCall): Promise<ToolResult>;
}

/** Which tools there are; the services register theirs when the hub is put together. */
export interface Toolbox {
  register(tool: HubTool): void;
  /** Takes every tool of this prefix away, such as those of an MCP server that left. */
  unregister(name: string): void;
  find(name: string): HubTool | undefined;
  onRegistered(listener: (name: string) => void): () => void;
  /** Those that the profile names, ready for the loop; of what was `called` before, also those of MCP servers that are away. */
  toolsFor(actor: Actor, called?: ReadonlySet<string>): AgentTool[];
}

export interface Models {
  /** A model with retries and fallback along the list; its first event tells NO_MODEL where there is none. */
  resolve(references: readonly string[] | null): AgentModel;
  hasAny(): boolean;
}

export interface Profiles {
  list(): Promise<{ profiles: ProfileInfo[]; problems: { id: string; file: string; message: string }[] }>;
  /** Read anew at each use, so that a change works from the next message (P4). Rejects NavisError NOT_FOUND naming the problem. */
  get(id: string): Promise<{ profile: Profile; systemPrompt: string }>;
}

export interface Prompts {
  /** As it is sent, with what is so right now. Rejects NavisError NOT_FOUND for a profile that cannot be used. */
  systemPrompt(actor: Actor, tools: readonly AgentTool[]): Promise<string>;
}

/** A run that another service starts: a sub-agent, a recall. */
export interface RunOrder {
  session: Session;
  actor: Omit<Actor, 'runId'>;
  task: string;
  parent: { runId: string; callId: string } | null;
  model: readonly string[] | null;
  signal: AbortSignal;
  /** Where the loop of this run goes round, such as on a node (N8); default: here. */
  loop?: ((runId: string) => RunAgent) | undefined;
}

export interface RunOutcome {
  runId: string;
  reason: 'completed' | 'stopped' | 'failed' | 'interrupted' | 'budget';
  /** The last text that the agent said. */
  answer: string;
  error: { code: string; message: string } | null;
}

export interface Runs {
  /** Runs a task to its end in the session's stream. Never throws. */
  run(order: RunOrder): Promise<RunOutcome>;
}
