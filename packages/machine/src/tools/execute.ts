/** Executes one tool call; the seam never throws, every failure is a result (style, rule 13). */
import { NavisError } from '@navisai/protocol';
import type { ToolResult } from '@navisai/protocol';
import type { ToolCallRequest } from '../machine.types.ts';
import type { CallBook, CallUnderWay } from './call-book.ts';
import type { CallJournal } from './call-journal.ts';
import type { SpentApprovals } from './spent-approvals.ts';
import { tellEnd, tellStart } from './call-events.ts';
import { planCodeExecCall } from './code-exec/code-exec-tool.ts';
import { planFilesystemCall } from './filesystem/filesystem-tool.ts';
import { planSshExecCall } from './ssh-exec/ssh-exec-tool.ts';
import { failed, failedBy } from './terminal/call-result.ts';
import type { Invocation, TerminalContext } from './terminal/terminal-context.types.ts';
import { planTerminalCall } from './terminal/terminal-tool.ts';
import { planToolManual } from './tool-manual.ts';
import type { PlanCall, PlannedCall } from './tool.types.ts';

const tools = new Map<string, PlanCall>([
  ['terminal', planTerminalCall],
  ['filesystem', planFilesystemCall],
  ['code_exec', planCodeExecCall],
  ['ssh_exec', planSshExecCall],
  ['tool_manual', planToolManual],
]);

export interface ExecuteParts {
  context: TerminalContext;
  calls: CallBook;
  journal: CallJournal;
  spent: SpentApprovals;
  /** Told of what is not the caller's fault. */
  onUnexpected(error: unknown, request: ToolCallRequest): void;
}

export const executeCall = async (parts: ExecuteParts, request: ToolCallRequest): Promise<ToolResult> => {
  const { sessionId, callId } = request;
  try {
    return await parts.calls.once({ sessionId, callId }, () => begin(parts, request));
  } catch (error) {
    return failedBy(error, { call_id: callId, node_id: parts.context.nodeId });
  }
};

const begin = (parts: ExecuteParts, request: ToolCallRequest): CallUnderWay => {
  const abort = new AbortController();
  const noteTemporary = (path: string): void => parts.journal.noteTemporary(request, path);
  const invocation: Invocation = { request, warnings: [], signal: abort.signal, onSignal: undefined, noteTemporary };
  return {
    sessionId: request.sessionId,
    abort,
    onSignal: async (signal) => {
      if (invocation.onSignal === undefined)
        throw new NavisError('NOT_FOUND', 'This call runs nothing that takes a signal.');
      await invocation.onSignal(signal);
    },
    result: perform(parts, invocation),
  };
};

const perform = async (parts: ExecuteParts, invocation: Invocation): Promise<ToolResult> => {
  try {
    const tool = tools.get(invocation.request.tool);
    if (tool === undefined) throw new NavisError('TOOL_UNKNOWN');
    const plan = tool(parts.context, invocation);
    return (await earlierResult(parts, invocation, plan)) ?? (await actOnce(parts, invocation, plan));
  } catch (error) {
    return withFacts(parts, invocation, asResult(parts, invocation, error));
  }
};

/** What an earlier program knew of this call, unless acting again joins it. */
const earlierResult = ({ journal }: ExecuteParts, { request }: Invocation, plan: PlannedCall): ToolResult | null => {
  if (!plan.isJournaled) return null;
  const known = journal.find(request);
  if (known === null) return null;
  if (known.state === 'ended') return known.result;
  return plan.isKnownToHost?.() === true ? null : failed('INTERRUPTED');
};

const actOnce = async (parts: ExecuteParts, invocation: Invocation, plan: PlannedCall): Promise<ToolResult> => {
  const { context, journal } = parts;
  const { request } = invocation;
  const { action, access } = plan;
  context.guard.allowTool(request, { access, ...(action === null ? {} : { action }) });
  const isRepeat = plan.isKnownToHost?.() === true;
  spendApproval(parts, request, { isRepeat });
  const warning = startsPrograms(request, plan) ? await context.guard.warningFor(request) : null;
  if (warning !== null) invocation.warnings.push(warning);
  if (plan.isJournaled) record(journal, invocation, plan);
  const startedAt = performance.now();
  if (!isRepeat) tellStart(context, request, plan);
  const answer = await Promise.resolve()
    .then(() => plan.act())
    .catch((error: unknown) => asResult(parts, invocation, error));
  let result = withFacts(parts, invocation, answer);
  if (plan.isJournaled && !journal.end(request, result)) {
    invocation.warnings.push('The result could not be written to disk; it is not known after a restart.');
    result = withFacts(parts, invocation, answer);
  }
  tellEnd(context, request, { result, durationMs: performance.now() - startedAt });
  return result;
};

/** A repeat joins what runs, or what is left of it; anything else of this id would be a second time. */
const spendApproval = (
  { context, spent }: ExecuteParts,
  request: ToolCallRequest,
  { isRepeat }: { isRepeat: boolean },
): void => {
  const untilMs = context.guard.approvedUntil(request);
  if (untilMs === undefined) return;
  if (!isRepeat && spent.isSpent(request))
    throw new NavisError('POLICY_DENIED', 'The approval of this call was used already. Nothing was done.');
  spent.spend(request, untilMs);
};

const startsPrograms = ({ tool }: ToolCallRequest, { access }: PlannedCall): boolean =>
  access === 'change' && tool !== 'filesystem';

const record = (journal: CallJournal, { request, warnings }: Invocation, plan: PlannedCall): void => {
  try {
    journal.begin(request);
  } catch (error) {
    if (plan.mayGoUnrecorded !== true || !(error instanceof NavisError)) throw error;
    warnings.push('The call could not be recorded; a repeat of its id would be done again.');
  }
};

const asResult = (parts: ExecuteParts, { request }: Invocation, error: unknown): ToolResult => {
  if (!(error instanceof NavisError)) parts.onUnexpected(error, request);
  return failedBy(error);
};

const withFacts = ({ context }: ExecuteParts, { request, warnings }: Invocation, result: ToolResult): ToolResult => {
  const facts = { call_id: request.callId, node_id: context.nodeId };
  return { ...result, metadata: { ...facts, ...result.metadata, ...(warnings.length === 0 ? {} : { warnings }) } };
};
