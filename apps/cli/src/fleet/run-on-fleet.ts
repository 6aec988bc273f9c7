/** One command on every node that a selector means: live lines, canaries, stop on failure, Ctrl-C everywhere, a summary. */
import type { HubConnection } from '@navisai/client';
import type { NodeInfo } from '@navisai/protocol';
import { withHub } from '../hub/connect.ts';
import { resolveSession } from '../hub/session.ts';
import { sinceText } from '../nodes/node-lines.ts';
import { CommandError } from '../output/command-error.ts';
import { brokenPipeExitCode, type Output } from '../output/output.ts';
import { printable } from '../output/printable.ts';
import type { NodeOutcome, NotRun, Outcome, Target } from './fleet.types.ts';
import { FleetSignals } from './fleet-signals.ts';
import { NodeRun } from './node-run.ts';
import { AnswerGroups } from './outliers.ts';
import { PrefixedLines } from './prefixed-lines.ts';
import { runSchedule, type Verdict, type Withheld } from './schedule.ts';
import { matches, parseSelector } from './selector.ts';
import { endText, fleetExitCode, summaryLines, summaryValue, type FleetReport } from './summary.ts';

export interface FleetRequest {
  selector: string;
  session: string | undefined;
  command: string;
  workingDirectory: string | undefined;
  /** Seconds, on each node. */
  timeout: number;
  canaries: number;
  concurrency: number;
  maxFailures: number;
  output: Output;
}

/** Resolves with the exit code. */
export const runOnFleet = (request: FleetRequest): Promise<number> => {
  const selector = parseSelector(request.selector, '--on');
  return withHub(async (hub) => {
    const [sessionId, { nodes }] = await Promise.all([resolveSession(hub.api, request.session), hub.api.nodes()]);
    const meant = nodes.filter(({ labels }) => matches(selector, labels));
    const members = meant.filter(({ state }) => state === 'online' || state === 'offline');
    tellAbsent(meant, request.output);
    if (members.length === 0) throw noneMeant(request.selector);
    const report = await new FleetRun({ ...request, hub, sessionId, members }).run();
    request.output.result(summaryValue(report), () => []);
    if (!request.output.isJson)
      for (const line of summaryLines(report, request.output.errorColors)) request.output.remark(line);
    return request.output.isReaderGone ? brokenPipeExitCode : fleetExitCode(report);
  });
};

/** A node that never joined, was revoked or left is no part of the fleet, but nobody should wonder where it is. */
const tellAbsent = (meant: readonly NodeInfo[], output: Output): void => {
  for (const state of ['invited', 'revoked', 'left'] as const) {
    const names = meant.filter((node) => node.state === state).map(({ name }) => printable(name));
    if (names.length > 0) output.remark(`navisai: not counted (${state}): ${names.join(', ')}`);
  }
};

const noneMeant = (selector: string): CommandError =>
  new CommandError(`No node has these labels: ${printable(selector, 200)}`, {
    code: 'NOT_FOUND',
    exitCode: 5,
    affects: 'Nothing was run.',
    remedy: 'navisai nodes list',
  });

interface FleetRunOptions extends FleetRequest {
  hub: HubConnection;
  sessionId: string;
  members: readonly NodeInfo[];
}

class FleetRun {
  readonly #options: FleetRunOptions;
  readonly #lines: PrefixedLines;
  readonly #outcomes = new Map<string, Outcome>();
  readonly #groups = new AnswerGroups();
  readonly #signals: FleetSignals;
  /** Told once for all nodes. */
  readonly #told = new Set<string>();

  constructor(options: FleetRunOptions) {
    this.#options = options;
    const names = options.members.map(({ name }) => name);
    this.#lines = new PrefixedLines(names, options.output);
    this.#signals = new FleetSignals(options.output);
  }

  async run(): Promise<FleetReport> {
    const { members, canaries, concurrency, maxFailures, command, selector } = this.#options;
    const begun = performance.now();
    for (const node of members) this.#withholdAbsent(node);
    const stopListening = this.#signals.listen();
    try {
      const withheld = await runSchedule({
        targets: members.filter(({ id }) => !this.#outcomes.has(id)),
        canaries,
        concurrency,
        maxFailures,
        execute: (target) => this.#execute(target),
        isInterrupted: () => this.#signals.isStopping,
      });
      for (const [{ id }, why] of withheld) this.#outcomes.set(id, { state: 'not_run', why: withheldReasons[why] });
    } finally {
      stopListening();
    }
    return {
      command,
      selector,
      durationMs: performance.now() - begun,
      nodes: members.flatMap((node): NodeOutcome[] => {
        const outcome = this.#outcomes.get(node.id);
        return outcome === undefined ? [] : [{ node, outcome }];
      }),
      groups: this.#groups.all,
      isInterrupted: this.#signals.isInterrupted,
    };
  }

  /** Nodes that cannot take it are not asked; they are reported. */
  #withholdAbsent(node: NodeInfo): void {
    const since = sinceText(node);
    if (node.state === 'offline') {
      const reason = since === '-' ? 'offline' : `offline, last seen ${since} ago`;
      this.#outcomes.set(node.id, { state: 'not_run', why: { kind: 'unreachable', reason } });
    } else if (node.draining)
      this.#outcomes.set(node.id, {
        state: 'not_run',
        why: { kind: 'draining', reason: 'draining: takes no new work' },
      });
  }

  async #execute(target: Target): Promise<Verdict> {
    const { hub, sessionId, command, workingDirectory, timeout, output } = this.#options;
    const node = new NodeRun({
      hub,
      sessionId,
      target,
      input: { action: 'run', command, working_dir: workingDirectory, timeout },
      show: output.isJson ? undefined : (stream, line) => this.#lines.show(target.name, stream, line),
      remark: (text) => this.#tellOnce(text),
    });
    this.#signals.add(node);
    const outcome = await node.run();
    this.#signals.remove(node);
    this.#outcomes.set(target.id, outcome);
    if (outcome.state === 'not_run') return 'not run';
    if ('result' in outcome)
      this.#groups.add({
        name: target.name,
        hostname: target.platform?.hostname,
        end: endText(outcome.result),
        output: outcome.result.output,
      });
    return outcome.state;
  }

  #tellOnce(text: string): void {
    if (this.#told.has(text)) return;
    this.#told.add(text);
    this.#options.output.remark(`navisai: ${printable(text)}`);
  }
}

const withheldReasons: Record<Withheld, NotRun> = {
  canary: { kind: 'canary', reason: 'not begun, because a canary did not succeed' },
  stopped: { kind: 'stopped', reason: 'not begun, because others failed (--keep-going goes on)' },
  interrupted: { kind: 'interrupted', reason: 'not begun, because of the interrupt' },
};
