/** The policy of this machine: what counts, the guard that asks it, and the sandbox that enforces it (N12, T27). */
import { join } from 'node:path';
import type { Ceiling, ExplainRequest, MachinePolicy, PolicyDecision, SignedText } from '@navisai/protocol';
import { decide, momentOf, normalPath } from '@navisai/policy';
import type { Owner, Principal } from '@navisai/policy';
import { AgentGuard } from '../authority/agent-guard.ts';
import { Revocations } from '../authority/revocations.ts';
import { createGuard } from '../guard.ts';
import type { Guard } from '../guard.types.ts';
import type { MachineOptions } from '../machine-options.types.ts';
import { isAgents, Mask } from '../mask/mask.ts';
import { programPaths } from '../own-program.ts';
import { findBubblewrap } from '../sandbox/bubblewrap.ts';
import { EffectivePolicy, realPathOf } from './effective-policy.ts';
import { Enforcement } from './enforcement.ts';

export interface MachinePolicyPart {
  guard: Guard;
  /** Rejects when the file is wrong, or when it restricts and nothing here can enforce that: then nothing may start. */
  start(): Promise<void>;
  describe(): Promise<MachinePolicy>;
  setOverlay(overlay: Ceiling | null): Promise<void>;
  /** Throws POLICY_DENIED for what the owner did not sign. */
  learnRevocations(signed: SignedText): void;
  explain(request: ExplainRequest & Principal): PolicyDecision;
}

export interface MachinePolicyRequest {
  options: MachineOptions;
  scriptFolder(): Promise<string>;
  now?: () => Date;
  findSandbox?: typeof findBubblewrap;
}

export const createMachinePolicy = (request: MachinePolicyRequest): MachinePolicyPart => {
  const { options, scriptFolder, now = () => new Date(), findSandbox = findBubblewrap } = request;
  const policy = new EffectivePolicy(options);
  const enforcement = new Enforcement({ policy, scriptFolder, findSandbox });
  const mask = new Mask({
    home: options.home,
    hiddenPaths: policy.ownPaths,
    programPaths: [...(options.programPaths ?? programPaths()), realPathOf(process.execPath)],
    runtimeDirectory: options.runtimeDirectory,
    userId: process.getuid?.() ?? 0,
    scriptFolder,
    findSandbox,
  });
  const owner = (): Owner | null => options.owner?.() ?? null;
  const path = join(options.stateDirectory, 'revocations.json');
  const revocations = new Revocations({ path, owner, onUnexpected: options.onUnexpected });
  const agents = new AgentGuard({
    nodeId: options.nodeId,
    home: options.home,
    owner,
    isRevoked: (deviceId) => revocations.isRevoked(deviceId),
    modes: () => [policy.ceiling?.approvals, policy.overlay?.approvals],
    now,
  });
  return {
    guard: createGuard({
      agents,
      isRestricted: () => policy.isRestricted,
      rules: () => policy.rules(),
      confine: (program, asking) =>
        policy.isRestricted || (asking !== undefined && !isAgents(asking))
          ? enforcement.confine(program)
          : mask.confine(program),
      allowInput(program, asking) {
        enforcement.allowInput(program);
        mask.allowInput(program, asking);
      },
      allowPath: (asking, path) => (isAgents(asking) ? mask.allowPath(path) : undefined),
      warningFor: async (asking) => (policy.isRestricted ? null : mask.warningFor(asking)),
      now,
    }),
    async start() {
      policy.loadOverlay();
      await enforcement.tryOut();
    },
    async describe() {
      const sandbox = 'path' in (await findSandbox()) ? 'bubblewrap' : 'none';
      const { ceiling, overlay } = policy;
      const { ceilingFile = '', allowedCommands = null } = options;
      return { ceiling, ceilingFile, overlay, allowedCommands, sandbox };
    },
    setOverlay: (overlay) => policy.replaceOverlay(overlay, () => enforcement.tryOut()),
    learnRevocations: (signed) => revocations.learn(signed),
    explain({ tool = 'terminal', action, command, workingDirectory, userId, origin }) {
      const { home } = policy;
      // As a command would be started: at home, when nothing else is said.
      const asked = workingDirectory ?? (command === undefined ? undefined : home);
      const place = asked === undefined ? undefined : realPathOf(normalPath(asked, home));
      const isRun = tool === 'terminal' && command !== undefined;
      const call = { tool, action: action ?? (isRun ? 'run' : undefined), command, workingDirectory: place };
      return decide(policy.rules(), { ...call, at: momentOf(now()) }, { userId, origin });
    },
  };
};
