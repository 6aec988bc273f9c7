/** Asks the policy whether something may run here, says its refusals, and puts what runs into its sandbox (T27, N12). */
import { realpathSync } from 'node:fs';
import { NavisError } from '@navisai/protocol';
import type { PolicyDecision } from '@navisai/protocol';
import { decide, momentOf } from '@navisai/policy';
import type { PolicyCall, PolicyRules, Principal } from '@navisai/policy';
import type { AgentGuard } from './authority/agent-guard.ts';
import type { Guard } from './guard.types.ts';
import type { ToolCallRequest } from './machine.types.ts';
import { escapeForDisplay } from './plain-text/escape-for-display.ts';

export interface GuardParts {
  isRestricted(): boolean;
  /** Of now: the node's file may have changed. Throws POLICY_DENIED when it is broken. */
  rules(): PolicyRules;
  confine: Guard['confine'];
  allowInput: Guard['allowInput'];
  /** What an agent may not reach whatever the rules say (A7); throws POLICY_DENIED. */
  allowPath: Guard['allowPath'];
  warningFor: Guard['warningFor'];
  /** Decides again about calls that no person made (A1). */
  agents: AgentGuard;
  now(): Date;
}

export const createGuard = (parts: GuardParts): Guard => {
  const judge = (call: Omit<PolicyCall, 'at'>, principal: Principal): PolicyDecision =>
    decide(parts.rules(), { ...call, at: momentOf(parts.now()) }, principal);
  return {
    get isRestricted() {
      return parts.isRestricted();
    },
    allowTool(request, use) {
      const { tool, ...principal } = request;
      refuse(judge({ tool, ...use }, principal));
      parts.agents.allowTool(request);
    },
    approvedUntil: (request) => parts.agents.approvedUntil(request),
    allowPath(request, { realPath, access }) {
      const { tool, ...principal } = request;
      refuse(judge({ tool, isToolJudged: true, path: { path: realPath, access } }, principal));
      parts.allowPath(request, { realPath, access });
      parts.agents.allowPath(request, { realPath, access });
    },
    allowCommand({ tool, ...principal }, { text, workingDirectory }) {
      // Where it really is: a link in an allowed directory may lead elsewhere.
      const place = realPathOf(workingDirectory);
      refuse(judge({ tool, isToolJudged: true, command: text, workingDirectory: place }, principal));
    },
    allowInput: (program, request) => parts.allowInput(program, request),
    confine: (program, request) => parts.confine(program, request),
    warningFor: (request) => parts.warningFor(request),
  };
};

/** A call by nobody in particular, such as what a viewer types. */
export const viewerRequest = (sessionId: string): ToolCallRequest => ({
  tool: 'terminal',
  arguments: {},
  sessionId,
  callId: '',
  userId: '',
  origin: 'person',
});

const realPathOf = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
};

const refuse = ({ effect, decidedBy }: PolicyDecision): void => {
  if (effect === 'allow') return;
  const { rule, reason, source } = decidedBy;
  const said = escapeForDisplay(reason);
  if (rule === 'allowed-commands')
    throw new NavisError('COMMAND_NOT_ALLOWED', `${said} Nothing was started.`, { field: 'command' });
  const where = source === 'Navis' ? '' : ` (rule ${rule} of ${source})`;
  const message = `${said.replace(/\.$/, '')}${where}. Nothing was done.${whatToDo(source)}`;
  if (rule === 'programs') throw new NavisError('COMMAND_NOT_ALLOWED', message, { field: 'command' });
  throw new NavisError('POLICY_DENIED', message);
};

const whatToDo = (source: string): string => {
  if (source === 'Navis') return '';
  if (source === overlaySource) return ' An admin of the hub can change its overlay.';
  return ` Only who owns this machine can change ${source}.`;
};

export const overlaySource = 'hub overlay';
